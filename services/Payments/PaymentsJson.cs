using System.Text.Json.Serialization;
using Pipeline.Contracts;

namespace Pipeline.Services.Payments;

/// <summary>Source-generated metadata of Payments' own records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(DecimalConverter)])]
[JsonSerializable(typeof(Payment))]
[JsonSerializable(typeof(PlacedOrder))]
[JsonSerializable(typeof(CancelledOrder))]
internal sealed partial class PaymentsJson : JsonSerializerContext;
