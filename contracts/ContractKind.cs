namespace Pipeline.Contracts;

/// <summary>What a message means to those who get it. The first three are facts: something that happened, published to a topic.</summary>
public enum ContractKind
{
    /// <summary>A fact that says that something changed and where it is, not what it is: whoever needs it fetches the current state by its link.</summary>
    Notification,

    /// <summary>A fact that carries the state that it is about, so that nobody has to ask for it.</summary>
    StateTransfer,

    /// <summary>A fact that says what a service's domain event means to the outside; the domain event itself never leaves the service.</summary>
    DomainEvent,

    /// <summary>An instruction to one receiver.</summary>
    Command,

    /// <summary>The answer to a command.</summary>
    Reply,
}
