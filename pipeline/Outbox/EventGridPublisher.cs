using Azure;
using Azure.Messaging.EventGrid;
using Pipeline.Messages;

namespace Pipeline.Outbox;

/// <summary>Publishes public facts to whoever subscribes outside Service Bus. Unordered, at least once.</summary>
public interface IEventPublisher
{
    /// <summary>Publishes a batch: all of it, or nothing.</summary>
    /// <param name="batch">A JSON array of CloudEvents (CloudEvents JSON format 1.0.2, section 4), at most 1 MB.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="MessageRefusedException">The topic will never accept it as it is.</exception>
    Task PublishAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellationToken);
}

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
