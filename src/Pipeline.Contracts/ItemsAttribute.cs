namespace Pipeline.Contracts;

/// <summary>How many items a list may have. The limits of each item follow from another attribute beside it, or from its own record.</summary>
/// <param name="min">Fewest; 0 or more.</param>
/// <param name="max">Most.</param>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class ItemsAttribute(int min, int max) : Attribute
{
    internal string? WhatIsWrongWith(int count) => count >= min && count <= max
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"has {count} items; {min} to {max} are allowed");

    internal IEnumerable<(string Keyword, string Json)> Keywords()
    {
        if (min > 0)
            yield return ("minItems", min.ToString(CultureInfo.InvariantCulture));
        yield return ("maxItems", max.ToString(CultureInfo.InvariantCulture));
    }
}
