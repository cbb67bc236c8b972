namespace Pipeline.Local.ServiceBus;

/// <summary>What becomes of a send, where a test decides.</summary>
internal sealed class SendFault
{
    private SendFault(bool isAccepted, Exception? error)
    {
        IsAccepted = isAccepted;
        Error = error;
    }

    /// <summary>It succeeds.</summary>
    public static SendFault None { get; } = new(true, null);

    /// <summary>Whether the broker accepts the messages.</summary>
    public bool IsAccepted { get; }

    /// <summary>What the sender gets to see.</summary>
    public Exception? Error { get; }

    /// <summary>Nothing is accepted, and the sender is told so.</summary>
    public static SendFault FailBeforeAccepting(Exception error) => new(false, error);

    /// <summary>Everything is accepted, and the sender is told otherwise: the answer got lost.</summary>
    public static SendFault AcceptThenFail(Exception error) => new(true, error);

    /// <summary>Everything is accepted, and the sender's wait for the answer times out.</summary>
    public static SendFault AcceptThenFail() =>
        AcceptThenFail(new BrokerException("The answer to the send got lost.", BrokerFailure.ServiceTimeout));
}
