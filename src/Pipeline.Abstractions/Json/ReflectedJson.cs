using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Json;

/// <summary>Metadata of records by reflection, for definitions without a source-generated one. Made once per type.</summary>
[RequiresUnreferencedCode(Limits)]
[RequiresDynamicCode(Limits)]
internal static class ReflectedJson
{
    /// <summary>Why the overloads without metadata are not for every application.</summary>
    public const string Limits = "The record is read and written by reflection. In a trimmed or ahead-of-time compiled application, use the overload that takes source-generated metadata.";

    private static readonly JsonSerializerOptions State = DefinitionJson.ForState(new DefaultJsonTypeInfoResolver());
    private static readonly JsonSerializerOptions Messages = DefinitionJson.ForMessages(new DefaultJsonTypeInfoResolver());

    /// <summary>Metadata of a state, or of the base type of domain events.</summary>
    public static JsonTypeInfo<T> OfState<T>() => (JsonTypeInfo<T>)State.GetTypeInfo(typeof(T));

    /// <summary>Metadata of a consumer's own record of a message.</summary>
    public static JsonTypeInfo<T> OfMessage<T>() => (JsonTypeInfo<T>)Messages.GetTypeInfo(typeof(T));
}
