using Pipeline.Messages;

namespace Pipeline.Consumers;

/// <summary>As which version a consumer gets a message.</summary>
internal static class HandledVersions
{
    /// <summary>The message itself, or the version that upcasters make of it; <see langword="null"/> if the consumer handles none of them.</summary>
    public static MessageType? Of(Consumer consumer, MessageCatalog catalog, MessageType type)
    {
        for (var version = (MessageType?)type; version is not null; version = catalog.NextOf(version))
        {
            if (consumer.CanHandle(version.DataType))
                return version;
        }

        return null;
    }
}
