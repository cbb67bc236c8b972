using System.Text.Json.Serialization;

namespace Pipeline.Services.Carrier;

/// <summary>Source-generated metadata of what is stored about parcels.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ParcelTracking))]
internal sealed partial class ParcelJson : JsonSerializerContext;
