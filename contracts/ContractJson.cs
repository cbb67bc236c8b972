using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Contracts;

/// <summary>
/// Source-generated metadata of all contracts: camel case, unknown fields passed over; missing or null fields that the
/// record does not allow, and fields that come twice, refused with their path. <c>pipeline generate</c> lists the records.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(Int32Converter), typeof(Int64Converter), typeof(DecimalConverter), typeof(TimestampConverter)])]
public sealed partial class ContractJson : JsonSerializerContext
{
    /// <summary>How a consumer's own record is read: exactly as the contracts are, whatever its service has chosen for its state.</summary>
    /// <param name="context">Source-generated metadata of the record.</param>
    /// <exception cref="InvalidOperationException">The context does not have the record.</exception>
    public static JsonTypeInfo<TView> TypeInfoOf<TView>(IJsonTypeInfoResolver context) =>
        new JsonSerializerOptions(Default.Options) { TypeInfoResolver = context }.GetTypeInfo(typeof(TView)) as JsonTypeInfo<TView>
            ?? throw new InvalidOperationException($"'{context}' has no metadata of '{typeof(TView)}'; add [JsonSerializable].");
}
