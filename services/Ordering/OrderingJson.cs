using System.Text.Json.Serialization;
using Pipeline.Contracts;

namespace Pipeline.Services.Ordering;

/// <summary>Source-generated metadata of Ordering's own records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowOutOfOrderMetadataProperties = true, Converters = [typeof(DecimalConverter)])]
[JsonSerializable(typeof(OrderEvent))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(LackingStock))]
[JsonSerializable(typeof(OrderCharge))]
[JsonSerializable(typeof(FailedStep))]
[JsonSerializable(typeof(UndoneStep))]
internal sealed partial class OrderingJson : JsonSerializerContext;
