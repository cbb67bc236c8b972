namespace Pipeline.Contracts;

/// <summary>
/// Declares that a record is the data of a message, and how the message is called and travels. <c>pipeline generate</c> adds
/// it to the catalog, and writes its schema and a first sample.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public abstract class MessageAttribute : Attribute
{
    private protected MessageAttribute(string type, string destination, string subject)
    {
        Type = type;
        Destination = destination;
        Subject = subject;
    }

    /// <summary>Gets the CloudEvents <c>type</c>: reverse DNS with version, such as <c>com.contoso.ordering.order-placed.v1</c>.</summary>
    public string Type { get; }

    /// <summary>Gets the topic of an event; the receiver's queue of a command or reply.</summary>
    public string Destination { get; }

    /// <summary>
    /// Gets the rule of the ordering key: a text with fields of the record in braces, such as <c>sku-{sku}</c>;
    /// <c>{day:compact}</c> is the field without its hyphens. The fields have to be texts.
    /// </summary>
    public string Subject { get; }

    /// <summary>Gets a value that tells whether it is no longer published, but still read. Default: <see langword="false"/>.</summary>
    public bool IsRetired { get; init; }

    /// <summary>Gets what the message means.</summary>
    internal abstract ContractKind MessageKind { get; }
}
