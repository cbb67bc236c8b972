using System.Text.Json.Serialization;

namespace Pipeline.Services.Shipping;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CarrierRecord))]
[JsonSerializable(typeof(CarrierRecords))]
[JsonSerializable(typeof(CarrierRecordPage))]
[JsonSerializable(typeof(CarrierFaultsRecord))]
internal sealed partial class CarrierJson : JsonSerializerContext;
