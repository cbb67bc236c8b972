using System.Text.Json.Serialization;
using Pipeline.AzureFunctions.Http;
using Pipeline.Services.Ordering;
using Pipeline.Services.Reporting;

namespace Pipeline.Functions;

/// <summary>Source-generated metadata of the bodies of the sample's API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SetStockBody))]
[JsonSerializable(typeof(StockBody))]
[JsonSerializable(typeof(PlaceOrder))]
[JsonSerializable(typeof(OrderAcceptedBody))]
[JsonSerializable(typeof(OrderBody))]
[JsonSerializable(typeof(CancelOrderBody))]
[JsonSerializable(typeof(PaymentBody))]
[JsonSerializable(typeof(NotificationsBody))]
[JsonSerializable(typeof(SalesFigures))]
[JsonSerializable(typeof(ReportBody))]
[JsonSerializable(typeof(ShipmentBody))]
[JsonSerializable(typeof(CarrierFaultsBody))]
internal sealed partial class SampleJson : JsonSerializerContext
{
    /// <summary>Gets the metadata with the options of the API.</summary>
    public static SampleJson Readable { get; } = new(ApiJson.NewOptions());
}
