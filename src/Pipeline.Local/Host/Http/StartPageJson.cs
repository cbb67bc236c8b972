using System.Text.Json.Serialization;

namespace Pipeline.Local.Hosting;

/// <summary>The JSON of <see cref="StartPageList"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StartPageList))]
internal sealed partial class StartPageJson : JsonSerializerContext;
