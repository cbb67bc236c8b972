using Azure;
using Azure.Messaging.EventGrid;
using Pipeline.Messages;

namespace Pipeline.Outbox;

/// <summary>Publishes to an Event Grid custom topic that takes CloudEvents.</summary>
public sealed class EventGridPublisher(EventGridPublisherClient client) : IEventPublisher
{
    /// <inheritdoc/>
    public async Task PublishAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellationToken)
    {
        try
        {
            await client.SendEncodedCloudEventsAsync(batch, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status is 400 or 413)
        {
            throw new MessageRefusedException(string.Create(CultureInfo.InvariantCulture,
                $"Event Grid answered {e.Status}: {e.Message}"), e);
        }
    }
}
