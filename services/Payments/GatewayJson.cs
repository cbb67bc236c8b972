using System.Text.Json.Serialization;
using Pipeline.Contracts;

namespace Pipeline.Services.Payments;

[JsonSourceGenerationOptions(Converters = [typeof(DecimalConverter)])]
[JsonSerializable(typeof(StoredTransaction))]
[JsonSerializable(typeof(GatewayTransaction))]
internal sealed partial class GatewayJson : JsonSerializerContext;
