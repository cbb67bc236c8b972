using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Contracts;

namespace Pipeline.Json;

/// <summary>The options that records of services are read and written with, where their metadata does not bring its own.</summary>
internal static class DefinitionJson
{
    /// <summary>
    /// Options of stored state and domain events: what was written can be read, also by a record that got a field later. So they are not strict, and
    /// times are the serializer's own. The kind of an event may stand anywhere in it.
    /// </summary>
    public static JsonSerializerOptions ForState(IJsonTypeInfoResolver metadata) => ReadOnly(new JsonSerializerOptions
    {
        TypeInfoResolver = metadata,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        AllowOutOfOrderMetadataProperties = true,
        Converters = { new DecimalConverter() },
    });

    /// <summary>Options of consumed messages: those of the contracts, so that a field that a contract requires is missing in no message.</summary>
    public static JsonSerializerOptions ForMessages(IJsonTypeInfoResolver metadata) => ReadOnly(new JsonSerializerOptions
    {
        TypeInfoResolver = metadata,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        Converters = { new Int32Converter(), new Int64Converter(), new DecimalConverter(), new TimestampConverter() },
    });

    private static JsonSerializerOptions ReadOnly(JsonSerializerOptions options)
    {
        options.MakeReadOnly();
        return options;
    }
}
