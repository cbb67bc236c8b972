using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace Pipeline.Contracts;

/// <summary>Translates errors of the serializer into terms of JSON, as <c>path: error</c>, without names of C# types.</summary>
internal static partial class ReadErrors
{
    public static ContractViolation Explain(JsonException error, JsonTypeInfo record)
    {
        var path = string.IsNullOrEmpty(error.Path) ? "$" : error.Path;
        if (error is InexactNumberException)
            return new(path, InexactNumberException.Text);
        var message = error.Message;
        if (Missing().Match(message) is { Success: true } missing)
        {
            // The text between the names depends on the culture.
            var names = Quoted().Matches(missing.Groups["names"].Value).Select(n => n.Groups["name"].Value).ToList();
            return new($"{path}.{names[0]}", "is missing" + string.Concat(names.Skip(1).Select(n => $"; {path}.{n}: is missing")));
        }

        if (message.Contains("could not be converted", StringComparison.Ordinal))
            return new(path, $"is not {ExpectedAt(path, record)}");
        if (message.Contains("null value", StringComparison.Ordinal) && Quoted().Match(message) is { Success: true } field)
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(field.Groups["name"].Value);
            return new(path.EndsWith("." + name, StringComparison.Ordinal) ? path : $"{path}.{name}", "is null");
        }

        if (message.StartsWith("Duplicate property", StringComparison.Ordinal) && Quoted().Match(message) is { Success: true } twice)
            return new(path.EndsWith("." + twice.Groups["name"].Value, StringComparison.Ordinal) ? path : $"{path}.{twice.Groups["name"].Value}", "is there twice");
        var end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return new(path, $"cannot be read: {(end < 0 ? message : message[..end])}");
    }

    /// <summary>Gets the expected value at a path. The serializer names C# types, not always correctly.</summary>
    private static string ExpectedAt(string path, JsonTypeInfo record)
    {
        var name = "an object";
        foreach (var step in path.Split('.').Skip(1))
        {
            var isItem = step.EndsWith(']');
            var field = record.Properties.FirstOrDefault(p => p.Name == (isItem ? step[..step.IndexOf('[', StringComparison.Ordinal)] : step));
            if (field is null)
                return "what it has to be";
            var rule = new FieldRule(field);
            name = rule.IsList && !isItem ? "an array" : NameOf(rule.ItemType);
            record = rule.Record ?? record;
        }

        return name;
    }

    private static string NameOf(Type type)
    {
        if (type == typeof(int) || type == typeof(long))
            return "a whole number that fits";
        if (type == typeof(decimal))
            return "a number that fits";
        if (type == typeof(string))
            return "a text";
        if (type == typeof(bool))
            return "true or false";
        return type == typeof(DateTimeOffset) ? "a time such as 2026-12-31T23:59:59Z" : "an object";
    }

    [GeneratedRegex(@"missing required properties including: (?<names>'.*?')(\.| Path:|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Missing();

    [GeneratedRegex("'(?<name>[^']+)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();
}
