namespace Pipeline.Contracts;

/// <summary>Declares an integration event.</summary>
/// <param name="type">The CloudEvents <c>type</c>, such as <c>com.contoso.ordering.order-placed.v1</c>: reverse DNS, owner, name, version.</param>
/// <param name="topic">The topic that it is published to.</param>
/// <param name="subject">The rule of its subject, which is its ordering key; see <see cref="MessageAttribute.Subject"/>.</param>
public sealed class EventAttribute(string type, string topic, string subject) : MessageAttribute(type, topic, subject)
{
    /// <summary>Gets what the event means: one of the kinds of events. Default: <see cref="ContractKind.DomainEvent"/>.</summary>
    public ContractKind Kind { get; init; } = ContractKind.DomainEvent;

    /// <summary>Gets a value that tells whether Event Grid gets it as well. Default: <see langword="false"/>.</summary>
    public bool IsPublic { get; init; }

    internal override ContractKind MessageKind => Kind;
}
