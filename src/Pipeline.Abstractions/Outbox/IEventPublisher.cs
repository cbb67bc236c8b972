using Pipeline.Messages;

namespace Pipeline.Outbox;

/// <summary>Publishes public events to subscribers outside Service Bus. Unordered, at least once.</summary>
public interface IEventPublisher
{
    /// <summary>Publishes a batch: all of it, or nothing.</summary>
    /// <param name="batch">A JSON array of CloudEvents (CloudEvents JSON format 1.0.2, section 4), at most 1 MB.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="MessageRefusedException">The topic will never accept it as it is.</exception>
    Task PublishAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellationToken);
}
