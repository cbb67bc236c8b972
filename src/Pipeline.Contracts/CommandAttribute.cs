namespace Pipeline.Contracts;

/// <summary>Declares a command.</summary>
/// <param name="type">The CloudEvents <c>type</c>, such as <c>com.contoso.inventory.reserve-stock.v1</c>: reverse DNS, owner, name, version.</param>
/// <param name="queue">The queue of its receiver.</param>
/// <param name="subject">The rule of the receiver's partition; see <see cref="MessageAttribute.Subject"/>.</param>
public sealed class CommandAttribute(string type, string queue, string subject) : MessageAttribute(type, queue, subject)
{
    internal override ContractKind MessageKind => ContractKind.Command;
}
