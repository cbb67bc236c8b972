namespace Pipeline.Contracts;

/// <summary>A text that is one of some words.</summary>
public sealed class OneOfAttribute(params string[] words) : ConstraintAttribute
{
    internal override string? WhatIsWrongWith(object value) =>
        words.Contains((string)value, StringComparer.Ordinal) ? null : $"is none of {string.Join(", ", words)}";

    internal override IEnumerable<(string Keyword, string Json)> Keywords() => [("enum", $"[{string.Join(",", words.Select(SchemaText.Quote))}]")];
}
