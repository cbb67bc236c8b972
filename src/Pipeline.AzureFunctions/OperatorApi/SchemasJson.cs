using System.Text.Json.Serialization;
using Pipeline.AzureFunctions.Http;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>Source-generated metadata of the list of schemas.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SchemasBody))]
internal sealed partial class SchemasJson : JsonSerializerContext
{
    /// <summary>Gets the metadata with the options of the API.</summary>
    public static SchemasJson Readable { get; } = new(ApiJson.NewOptions());
}
