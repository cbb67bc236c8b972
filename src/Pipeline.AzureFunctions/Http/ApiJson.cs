using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Contracts;

namespace Pipeline.AzureFunctions.Http;

/// <summary>How bodies of requests and answers are read and written.</summary>
public static class ApiJson
{
    /// <summary>Gets options whose metadata is found by reflection.</summary>
    public static JsonSerializerOptions Reflection { get; } = NewReflection();

    /// <summary>
    /// Makes options for a source-generated context of an app's bodies: names in camel case, no repeated properties, exact numbers, times
    /// as in RFC 3339. Quotes and plus signs are not escaped, because JSON is never embedded in HTML here.
    /// </summary>
    public static JsonSerializerOptions NewOptions() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        AllowDuplicateProperties = false,
        Converters = { new DecimalConverter(), new TimeConverter() },
    };

    private static JsonSerializerOptions NewReflection()
    {
        var options = NewOptions();
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        options.MakeReadOnly();
        return options;
    }
}
