using System.Text.Json.Serialization;
using Pipeline.Contracts;

namespace Pipeline.BookingApp;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(DecimalConverter)])]
[JsonSerializable(typeof(GatewayRecord<ChargeTransaction>))]
[JsonSerializable(typeof(GatewayRecord<LockAnswer>))]
[JsonSerializable(typeof(GatewayRecord<SentMail>))]
[JsonSerializable(typeof(Figures))]
[JsonSerializable(typeof(IReadOnlyList<SentMail>))]
internal sealed partial class GatewayJson : JsonSerializerContext;
