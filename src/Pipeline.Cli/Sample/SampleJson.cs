using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Cli.Sample;

/// <summary>Source-generated metadata of the sample's own API.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(NewOrder))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(OrderReceipt))]
[JsonSerializable(typeof(Payment))]
[JsonSerializable(typeof(Shipment))]
[JsonSerializable(typeof(Stock))]
[JsonSerializable(typeof(StockLevel))]
internal sealed partial class SampleJson : JsonSerializerContext;
