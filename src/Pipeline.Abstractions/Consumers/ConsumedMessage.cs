using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Json;

namespace Pipeline.Consumers;

/// <summary>
/// A consumer's own record of a message, with only the fields that it uses (a tolerant reader): which fields a consumer reads is known
/// from these records, and a message is refused only for what its consumer reads. Immutable.
/// </summary>
public abstract class ConsumedMessage
{
    private protected ConsumedMessage(Type message, JsonTypeInfo json) => (Message, Json) = (message, json);

    /// <summary>The record of the message in the catalog.</summary>
    public Type Message { get; }

    /// <summary>Metadata of the consumer's record.</summary>
    public JsonTypeInfo Json { get; }

    /// <summary>Says that a message is read as a record of the consumer's own.</summary>
    /// <typeparam name="TMessage">The record of the message in the catalog.</typeparam>
    /// <typeparam name="TView">The consumer's record.</typeparam>
    /// <param name="context">Source-generated metadata of the consumer's record. It is read with the options of contracts, whatever those of the context are.</param>
    /// <exception cref="ArgumentException">The context does not have the record.</exception>
    public static ConsumedMessage<TView> Of<TMessage, TView>(JsonSerializerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetTypeInfo(typeof(TView)) is null
            ? throw new ArgumentException($"'{context}' has no metadata of '{typeof(TView)}': add [JsonSerializable(typeof({typeof(TView).Name}))] to it.", nameof(context))
            : new ConsumedMessage<TView>(typeof(TMessage), (JsonTypeInfo<TView>)DefinitionJson.ForMessages(context).GetTypeInfo(typeof(TView)));
    }

    /// <summary>Says that a message is read as a record of the consumer's own, by reflection. Its metadata is made once, here.</summary>
    /// <typeparam name="TMessage">The record of the message in the catalog.</typeparam>
    /// <typeparam name="TView">The consumer's record.</typeparam>
    [RequiresUnreferencedCode(ReflectedJson.Limits)]
    [RequiresDynamicCode(ReflectedJson.Limits)]
    public static ConsumedMessage<TView> Of<TMessage, TView>() => new(typeof(TMessage), ReflectedJson.OfMessage<TView>());

    /// <summary>Says that a message is read as a record of the consumer's own.</summary>
    /// <typeparam name="TMessage">The record of the message in the catalog.</typeparam>
    /// <typeparam name="TView">The consumer's record.</typeparam>
    /// <param name="json">How it is read; as strictly as the message itself: fields that it requires may be missing in no message.</param>
    /// <exception cref="ArgumentException">What is missing, or null where it may not be, would go unnoticed.</exception>
    public static ConsumedMessage<TView> Of<TMessage, TView>(JsonTypeInfo<TView> json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json.Options is not { RespectNullableAnnotations: true, RespectRequiredConstructorParameters: true, AllowDuplicateProperties: false })
        {
            throw new ArgumentException(
                $"'{typeof(TView)}' has to be read with RespectNullableAnnotations, RespectRequiredConstructorParameters and no AllowDuplicateProperties, as the contracts are.", nameof(json));
        }

        return new ConsumedMessage<TView>(typeof(TMessage), json);
    }
}
