using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Messages;

namespace Pipeline.Services;

/// <summary>What the sample brings to the pipeline: its messages and its consumers.</summary>
public static partial class Catalog
{
    /// <summary>All messages, from the contracts; their events say nothing of a schema.</summary>
    public static MessageCatalog Messages { get; } = MessagesWithSchemasAt(null);

    /// <summary>All messages, from the contracts.</summary>
    /// <param name="address">Where their schemas are served, with a slash at the end: events name it as <c>dataschema</c>. <see langword="null"/> leaves that out.</param>
    public static MessageCatalog MessagesWithSchemasAt(Uri? address) => new(ContractCatalog.All.Select(c => new MessageType
    {
        Name = c.Type,
        DataType = c.DataType,
        Kind = c.Kind switch
        {
            ContractKind.Command => MessageKind.Command,
            ContractKind.Reply => MessageKind.Reply,
            _ => MessageKind.Event,
        },
        Destination = c.Destination,
        IsPublic = c.IsPublic,
        Key = c.KeyOf,
        Json = c.Json,
        DataSchema = address is null ? null : c.SchemaAddress(address),
        Validate = data => FaultOf(c.ViolationIn(data)),
        ValidateView = (data, view) => FaultOf(c.ViewOf(view).ViolationIn(data)),
        Explain = error => FaultOf(c.ViolationOf(error))!.Value,
        Upcast = c.Upcast,
        Downcast = c.Downcast,
        Retired = c.IsRetired,
    }));

    /// <summary>All consumers, one per Service Bus subscription or queue: every static property of a type of this assembly that holds one.</summary>
    public static IReadOnlyList<Consumer> Consumers { get; } = Generated();

    /// <summary>The generated part; without it there are no consumers, so that the generator can build what it reads.</summary>
    static partial void AddAll(List<Consumer> consumers);

    private static List<Consumer> Generated()
    {
        var consumers = new List<Consumer>();
        AddAll(consumers);
        return consumers;
    }

    private static ContractFault? FaultOf(ContractViolation? violation) => violation is { } v ? new ContractFault(v.Path, v.Problem) : null;
}
