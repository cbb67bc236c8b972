using System.Text.Json.Serialization;
using Pipeline.Contracts;
using Pipeline.Services.Reporting;

namespace Pipeline.Functions.Gateways;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(DecimalConverter)])]
[JsonSerializable(typeof(SalesFigures))]
internal sealed partial class SalesJson : JsonSerializerContext;
