namespace Pipeline.Contracts;

/// <summary>Declares the reply to a command.</summary>
/// <param name="type">The CloudEvents <c>type</c>, such as <c>com.contoso.inventory.stock-held.v1</c>: reverse DNS, owner, name, version.</param>
/// <param name="queue">The queue of its receiver.</param>
/// <param name="subject">The rule of the receiver's partition; see <see cref="MessageAttribute.Subject"/>.</param>
public sealed class ReplyAttribute(string type, string queue, string subject) : MessageAttribute(type, queue, subject)
{
    internal override ContractKind MessageKind => ContractKind.Reply;
}
