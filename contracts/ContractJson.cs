using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

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
public sealed partial class ContractJson : JsonSerializerContext
{
    /// <summary>Gets the metadata for a consumed message, with the options of the contracts, whatever options its service uses for its state.</summary>
    /// <param name="context">Source-generated metadata of the record.</param>
    /// <exception cref="InvalidOperationException">The context does not have the record.</exception>
    public static JsonTypeInfo<TView> TypeInfoOf<TView>(IJsonTypeInfoResolver context) =>
        new JsonSerializerOptions(Default.Options) { TypeInfoResolver = context }.GetTypeInfo(typeof(TView)) as JsonTypeInfo<TView>
            ?? throw new InvalidOperationException($"'{context}' has no metadata of '{typeof(TView)}'; add [JsonSerializable].");
}
