using System.Text.Json.Serialization.Metadata;
using Pipeline.AzureFunctions.Http;
using Pipeline.Client;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>Metadata of the bodies of operators: that of the client, whose records they are, with the options of the API.</summary>
internal static class OperatorJson
{
    /// <summary>Gets the metadata with the options of the API.</summary>
    public static PipelineJson Readable { get; } = new(ApiJson.NewOptions());

    /// <summary>Gets the metadata of all bodies of the package, for other options.</summary>
    public static IJsonTypeInfoResolver All { get; } = JsonTypeInfoResolver.Combine(PipelineJson.Default, SchemasJson.Default);
}
