using System.Text.Json.Serialization;

namespace Pipeline.Local.Hosting;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SentMessage))]
internal sealed partial class SentMessageJson : JsonSerializerContext;
