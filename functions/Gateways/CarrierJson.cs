using System.Text.Json.Serialization;
using Pipeline.Services.Shipping;

namespace Pipeline.Functions.Gateways;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CarrierRecord))]
[JsonSerializable(typeof(CarrierRecords))]
[JsonSerializable(typeof(CarrierRecordPage))]
[JsonSerializable(typeof(CarrierFaultsRecord))]
internal sealed partial class CarrierJson : JsonSerializerContext;
