using System.Text.Json.Serialization;

namespace Pipeline.Local.Hosting;

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(StoredKeys))]
internal sealed partial class HostKeysJson : JsonSerializerContext;
