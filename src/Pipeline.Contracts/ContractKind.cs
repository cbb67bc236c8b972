namespace Pipeline.Contracts;

/// <summary>The meaning of a message for its receivers. The first three are events, published to a topic.</summary>
public enum ContractKind
{
    /// <summary>An event that reports a change and a link: a consumer reads the current state from there.</summary>
    Notification,

    /// <summary>An event with the changed state, so that consumers need no query.</summary>
    StateTransfer,

    /// <summary>An event that publishes the meaning of a service's domain event; the domain event itself never leaves the service.</summary>
    DomainEvent,

    /// <summary>An instruction to one receiver.</summary>
    Command,

    /// <summary>The answer to a command.</summary>
    Reply,
}
