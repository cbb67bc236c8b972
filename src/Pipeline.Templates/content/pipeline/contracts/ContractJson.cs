using System.Text.Json.Serialization;
using Pipeline.Contracts;

namespace Company.App_1.Contracts;

/// <summary>How the records are read and written. <c>pipeline generate</c> lists them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(Int32Converter), typeof(Int64Converter), typeof(DecimalConverter), typeof(TimestampConverter)])]
public sealed partial class ContractJson : JsonSerializerContext;
