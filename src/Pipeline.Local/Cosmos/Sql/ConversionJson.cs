using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>How arrays and objects become text: without blanks, and with other letters as they are.</summary>
internal static class ConversionJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = JsonBuilder.MaxDepth,
    };
}
