using Pipeline.Contracts;
using Pipeline.Messages;

namespace Pipeline.AzureFunctions.Configuration;

/// <summary>What the pipeline knows of messages, from their contracts.</summary>
internal static class ContractMessages
{
    /// <summary>Makes the catalog.</summary>
    /// <param name="contracts">All contracts.</param>
    /// <param name="schemaAddress">Where their schemas are served, with a slash at the end: events name it as <c>dataschema</c>. <see langword="null"/> leaves that out.</param>
    public static MessageCatalog CatalogOf(IEnumerable<Contract> contracts, Uri? schemaAddress) => new(contracts.Select(c => new MessageType
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
        DataSchema = schemaAddress is null ? null : c.SchemaAddress(schemaAddress),
        Validate = data => FaultOf(c.ViolationIn(data)),
        ValidateView = (data, view) => FaultOf(c.ViewOf(view).ViolationIn(data)),
        Explain = error => FaultOf(c.ViolationOf(error))!.Value,
        Upcast = c.Upcast,
        Downcast = c.Downcast,
        Retired = c.IsRetired,
    }));

    private static ContractFault? FaultOf(ContractViolation? violation) => violation is { } v ? new ContractFault(v.Path, v.Problem) : null;
}
