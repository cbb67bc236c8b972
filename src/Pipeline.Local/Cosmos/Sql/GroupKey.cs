using System.Text;
using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A text for a value: equal values have the same one, others another. What GROUP BY and DISTINCT tell groups apart by.</summary>
internal static class GroupKey
{
    public static void Append(StringBuilder key, in SqlValue value)
    {
        key.Append((char)('0' + (int)value.Type));
        switch (value.Type)
        {
            case SqlType.Boolean:
                key.Append(value.IsTrue ? 't' : 'f');
                break;
            case SqlType.Number:
                // Adding zero makes one of the two zeros.
                key.Append(CultureInfo.InvariantCulture, $"{value.Number + 0.0:R};");
                break;
            case SqlType.String:
                AppendText(key, value.Text);
                break;
            case SqlType.Array:
                foreach (var element in value.Json.EnumerateArray())
                    Append(key, SqlValue.Of(element));
                key.Append(']');
                break;
            case SqlType.Object:
                AppendObject(key, value.Json);
                break;
        }
    }

    /// <summary>By name, since the order of properties does not matter.</summary>
    private static void AppendObject(StringBuilder key, JsonElement json)
    {
        foreach (var property in json.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
        {
            AppendText(key, property.Name);
            Append(key, SqlValue.Of(property.Value));
        }

        key.Append('}');
    }

    private static void AppendText(StringBuilder key, string text) => key.Append(CultureInfo.InvariantCulture, $"{text.Length}:").Append(text);
}
