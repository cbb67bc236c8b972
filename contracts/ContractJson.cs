using System.Text.Json.Serialization;
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
    Converters = [typeof(Int32Converter), typeof(Int64Converter), typeof(TimestampConverter)])]
[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(OrderCancelled))]
[JsonSerializable(typeof(OrderCompleted))]
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
public sealed partial class ContractJson : JsonSerializerContext;
