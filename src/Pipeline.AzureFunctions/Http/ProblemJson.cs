using System.Text.Json.Serialization;
using Pipeline.Client;

namespace Pipeline.AzureFunctions.Http;

/// <summary>Source-generated metadata of the bodies with problems.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(ProblemTypeBody))]
internal sealed partial class ProblemJson : JsonSerializerContext
{
    /// <summary>Gets the metadata with the options of the API.</summary>
    public static ProblemJson Readable { get; } = new(ApiJson.NewOptions());
}
