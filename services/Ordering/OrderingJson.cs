using System.Text.Json.Serialization;

namespace Pipeline.Services.Ordering;

/// <summary>Source-generated metadata of Ordering's own records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(OrderEvent))]
[JsonSerializable(typeof(Order))]
internal sealed partial class OrderingJson : JsonSerializerContext;
