using System.Text.Json.Serialization;

namespace Pipeline.Services.Inventory;

/// <summary>Source-generated metadata of Inventory's own records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SkuStock))]
[JsonSerializable(typeof(Reservation))]
[JsonSerializable(typeof(PlacedOrder))]
[JsonSerializable(typeof(CancelledOrder))]
[JsonSerializable(typeof(RefusedStock))]
internal sealed partial class InventoryJson : JsonSerializerContext;
