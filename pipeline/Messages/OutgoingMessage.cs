namespace Pipeline.Messages;

/// <summary>One message on its way to a topic or queue.</summary>
public sealed record OutgoingMessage
{
    /// <summary>Service Bus MessageId: the event id, or a replay's own. At most 128 characters.</summary>
    public required string MessageId { get; init; }

    /// <summary>Service Bus session: the ordering key.</summary>
    public required string SessionId { get; init; }

    /// <summary>CloudEvents <c>type</c>, filtered on by subscriptions; <see langword="null"/> for a replayed body that is no event.</summary>
    public string? Type { get; init; }

    /// <summary>The structured CloudEvent, UTF-8 JSON.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary><c>all</c>, or the one consumer (<c>topic/subscription</c>) that a replay is for.</summary>
    public string ReplayFor { get; init; } = Everyone;

    /// <summary>Further application properties; <see langword="null"/> for none.</summary>
    public IReadOnlyDictionary<string, string>? Properties { get; init; }

    /// <summary>W3C trace context.</summary>
    public string? TraceParent { get; init; }

    /// <summary>When it may be delivered at the earliest (Service Bus scheduled messages); <see langword="null"/> for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The value of <see cref="ReplayFor"/> that every subscription with a rule for the type gets.</summary>
    public const string Everyone = "all";
}

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

/// <summary>One topic or queue takes nothing now, while others may. It says nothing against the messages.</summary>
public sealed class DestinationUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    public DestinationUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>The broker will never accept a message as it is; sending it again is pointless.</summary>
public sealed class MessageRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public MessageRefusedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
