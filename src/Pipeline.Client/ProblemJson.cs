using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>Problem details of any program, not only of a pipeline: every member may be missing.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class ProblemJson : JsonSerializerContext;
