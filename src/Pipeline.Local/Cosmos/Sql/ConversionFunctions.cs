using System.Text;
using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Text to values and back. A text that is no such value is undefined.</summary>
internal static class ConversionFunctions
{
    public static readonly SqlFunction[] All =
    [
        new("TOSTRING", 1, 1, a => ToText(a[0])),
        From("STRINGTOARRAY", SqlType.Array),
        From("STRINGTOOBJECT", SqlType.Object),
        From("STRINGTOBOOLEAN", SqlType.Boolean),
        From("STRINGTONULL", SqlType.Null),
        From("STRINGTONUMBER", SqlType.Number),
        // The parser makes it an expression that evaluates one branch only.
        new(SqlFunction.Conditional, 3, 3, a => a[0].IsTrue ? a[1] : a[2]),
        new("DOCUMENTID", 1, 1, (a, row) => a[0].Type == SqlType.Object ? SqlValue.Of((double)row.Document.Rid) : default),
    ];

    private static SqlFunction From(string name, SqlType type) => new(name, 1, 1, a => a[0].Type == SqlType.String ? Parse(a[0].Text, type) : default);

    private static SqlValue Parse(string text, SqlType type)
    {
        var trimmed = text.Trim();
        if (type == SqlType.Number && NonFinite(trimmed) is { } number)
            return SqlValue.Of(number);
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(trimmed), new JsonReaderOptions { MaxDepth = JsonBuilder.MaxDepth });
            var value = SqlValue.Of(JsonElement.ParseValue(ref reader));
            // Nothing may follow.
            return value.Type == type && !reader.Read() ? value : SqlValue.Undefined;
        }
        catch (Exception e) when (e is JsonException or EncoderFallbackException)
        {
            return SqlValue.Undefined;
        }
    }

    private static double? NonFinite(string text) => text switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => null,
    };

    private static SqlValue ToText(in SqlValue value) => value.Type switch
    {
        SqlType.Undefined => SqlValue.Undefined,
        SqlType.String => value,
        SqlType.Null => SqlValue.Of("null"),
        SqlType.Boolean => SqlValue.Of(value.IsTrue ? "true" : "false"),
        SqlType.Number => SqlValue.Of(ToText(value.Number)),
        _ => SqlValue.Of(JsonSerializer.Serialize(value.Json, ConversionJson.Options)),
    };

    private static string ToText(double number) => double.IsPositiveInfinity(number) ? "Infinity"
        : double.IsNegativeInfinity(number) ? "-Infinity"
        : number.ToString("R", CultureInfo.InvariantCulture);
}
