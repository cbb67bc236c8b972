namespace Pipeline.Messages;

/// <summary>Sends messages to a broker's topics and queues.</summary>
public interface IMessageSender
{
    /// <summary>
    /// Sends all messages to one topic or queue, in order, in as few requests as size limits allow. When it throws, some
    /// of them may have been accepted.
    /// </summary>
    /// <exception cref="MessageRefusedException">A message can never be accepted as it is (too large, say).</exception>
    /// <exception cref="DestinationUnavailableException">Only this topic or queue takes nothing now (full, disabled, missing).</exception>
    Task SendAsync(string destination, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken);
}
