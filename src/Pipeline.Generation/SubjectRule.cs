using System.Reflection;
using System.Text.Json;

namespace Pipeline.Generation;

/// <summary>The rule of an ordering key, such as <c>sales-{day:compact}-{sku}</c>, as code.</summary>
internal static class SubjectRule
{
    private const string Compact = ":compact";

    /// <summary>The body of a function of <c>data</c> that makes the key.</summary>
    /// <exception cref="GenerationException">The rule names no field, or one that the record does not have or that is no text.</exception>
    public static string Code(DeclaredMessage message)
    {
        var rule = message.Message.Subject;
        var parts = new List<string>();
        var fields = 0;
        for (var at = 0; at < rule.Length;)
        {
            var open = rule.IndexOf('{', at);
            var close = open < 0 ? -1 : rule.IndexOf('}', open);
            if (open != at)
            {
                var text = rule[at..(open < 0 ? rule.Length : open)];
                if (text.Contains('}', StringComparison.Ordinal))
                    throw Wrong(message, "closes a brace that it did not open");
                parts.Add(CodeText.Literal(text));
                at = open < 0 ? rule.Length : open;
            }
            else if (close < 0)
            {
                throw Wrong(message, "does not close a brace");
            }
            else
            {
                parts.Add(FieldCode(message, rule[(open + 1)..close]));
                fields++;
                at = close + 1;
            }
        }

        return fields > 0 ? string.Join(" + ", parts) : throw Wrong(message, "names no field, so that all its messages would have one key");
    }

    private static string FieldCode(DeclaredMessage message, string field)
    {
        var isCompact = field.EndsWith(Compact, StringComparison.Ordinal);
        var name = isCompact ? field[..^Compact.Length] : field;
        var properties = message.Record.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(p => p.PropertyType == typeof(string))
            .Select(p => (p.Name, Field: JsonNamingPolicy.CamelCase.ConvertName(p.Name)))
            .ToList();
        if (properties.FirstOrDefault(p => p.Field == name) is not { Name: { } property })
        {
            throw Wrong(
                message,
                $"names the field '{name}', which is no text of the record; there are {string.Join(", ", properties.Select(p => p.Field))}");
        }

        return isCompact ? $"data.{property}.Replace(\"-\", \"\", StringComparison.Ordinal)" : $"data.{property}";
    }

    private static GenerationException Wrong(DeclaredMessage message, string what) =>
        new($"The subject '{message.Message.Subject}' of '{message.Message.Type}' {what}. Write it like 'sku-{{sku}}'.");
}
