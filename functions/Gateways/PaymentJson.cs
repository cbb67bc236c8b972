using System.Text.Json.Serialization;
using Pipeline.Contracts;
using Pipeline.Services.Payments;

namespace Pipeline.Functions.Gateways;

[JsonSourceGenerationOptions(Converters = [typeof(DecimalConverter)])]
[JsonSerializable(typeof(StoredTransaction))]
[JsonSerializable(typeof(GatewayTransaction))]
internal sealed partial class PaymentJson : JsonSerializerContext;
