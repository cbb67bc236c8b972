using System.Text.Json.Serialization;

namespace Pipeline.Contracts.Carrier;

/// <summary>The parcel carrier handed an order's parcel over. Comes from the carrier itself, by webhook.</summary>
/// <param name="OrderId">The order, as it stands on the parcel's label.</param>
/// <param name="DeliveredAt">When.</param>
/// <param name="SignedBy">Who signed; <see langword="null"/> where nobody had to.</param>
[Event("com.contoso.carrier.parcel-delivered.v1", "webhooks", "parcel-{orderId}")]
public sealed record ParcelDelivered(
    [OrderId] string OrderId,
    DateTimeOffset DeliveredAt,
    [Text(0, 200)][property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SignedBy = null);
