using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Consumers;

/// <summary>A consumer's own record of a message.</summary>
public sealed class ConsumedMessage<TView> : ConsumedMessage
{
    internal ConsumedMessage(Type message, JsonTypeInfo<TView> json)
        : base(message, json)
    {
    }
}
