using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Contracts.Analytics;
using Pipeline.Contracts.Carrier;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Notifications;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Payments;
using Pipeline.Contracts.Shipping;

namespace Pipeline.Contracts;

/// <summary>
/// Source-generated metadata of all contracts: camel case, unknown fields passed over; missing or null fields that the
/// record does not allow, and fields that come twice, refused with their path.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(Int32Converter), typeof(Int64Converter), typeof(DecimalConverter), typeof(TimestampConverter)])]
[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(OrderPlacedV2))]
[JsonSerializable(typeof(OrderCancelled))]
[JsonSerializable(typeof(OrderCompleted))]
[JsonSerializable(typeof(OrderClosed))]
[JsonSerializable(typeof(StockReserved))]
[JsonSerializable(typeof(StockInsufficient))]
[JsonSerializable(typeof(ReserveStock))]
[JsonSerializable(typeof(ReleaseStock))]
[JsonSerializable(typeof(StockHeld))]
[JsonSerializable(typeof(StockRefused))]
[JsonSerializable(typeof(PaymentCharged))]
[JsonSerializable(typeof(PaymentFailed))]
[JsonSerializable(typeof(PaymentRefunded))]
[JsonSerializable(typeof(OrderShipped))]
[JsonSerializable(typeof(ShipmentFailed))]
[JsonSerializable(typeof(ShipmentRecalled))]
[JsonSerializable(typeof(NotificationSent))]
[JsonSerializable(typeof(SalesUpdated))]
[JsonSerializable(typeof(ParcelDelivered))]
[JsonSerializable(typeof(OrderDelivered))]
public sealed partial class ContractJson : JsonSerializerContext
{
    /// <summary>How a consumer's own record is read: exactly as the contracts are, whatever its service has chosen for its state.</summary>
    /// <param name="context">Source-generated metadata of the record.</param>
    /// <exception cref="InvalidOperationException">The context does not have the record.</exception>
    public static JsonTypeInfo<TView> TypeInfoOf<TView>(IJsonTypeInfoResolver context) =>
        new JsonSerializerOptions(Default.Options) { TypeInfoResolver = context }.GetTypeInfo(typeof(TView)) as JsonTypeInfo<TView>
            ?? throw new InvalidOperationException($"'{context}' has no metadata of '{typeof(TView)}'; add [JsonSerializable].");
}
