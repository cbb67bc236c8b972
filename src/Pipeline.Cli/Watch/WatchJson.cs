using System.Text.Json.Serialization;

namespace Pipeline.Cli.Watch;

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(WatchLook))]
internal sealed partial class WatchJson : JsonSerializerContext;
