using System.Text.Json.Serialization;

namespace Pipeline.Contracts;

/// <summary>
/// Source-generated metadata of all contracts: camel case; unknown fields are skipped; missing or null fields that the record does
/// not allow, and repeated fields, are refused with their path. <c>pipeline generate</c> lists the records.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(Int32Converter), typeof(Int64Converter), typeof(DecimalConverter), typeof(TimestampConverter)])]
public sealed partial class ContractJson : JsonSerializerContext;
