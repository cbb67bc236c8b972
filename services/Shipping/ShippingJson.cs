using System.Text.Json.Serialization;

namespace Pipeline.Services.Shipping;

/// <summary>Source-generated metadata of Shipping's own records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Shipment))]
[JsonSerializable(typeof(PlacedOrder))]
[JsonSerializable(typeof(CancelledOrder))]
[JsonSerializable(typeof(PaidOrder))]
internal sealed partial class ShippingJson : JsonSerializerContext;
