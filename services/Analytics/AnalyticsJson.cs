using System.Text.Json.Serialization;
using Pipeline.Contracts;

namespace Pipeline.Services.Analytics;

/// <summary>Source-generated metadata of Analytics' own records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(DecimalConverter)])]
[JsonSerializable(typeof(Sales))]
[JsonSerializable(typeof(SoldOrder))]
internal sealed partial class AnalyticsJson : JsonSerializerContext;
