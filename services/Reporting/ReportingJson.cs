using System.Text.Json.Serialization;
using Pipeline.Contracts;

namespace Pipeline.Services.Reporting;

/// <summary>Source-generated metadata of Reporting's own records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(DecimalConverter)])]
[JsonSerializable(typeof(DailyReport))]
[JsonSerializable(typeof(SalesFigures))]
[JsonSerializable(typeof(DailyOrders))]
[JsonSerializable(typeof(ClosedOrder))]
internal sealed partial class ReportingJson : JsonSerializerContext;
