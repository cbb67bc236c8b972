using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Contracts;

namespace Pipeline.Messages;

/// <summary>One version of one message, as the pipeline needs to know it.</summary>
public sealed record MessageType
{
    /// <summary>The CloudEvents <c>type</c>, reverse DNS with version, such as <c>com.contoso.ordering.order-placed.v1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The record that carries the data.</summary>
    public required Type DataType { get; init; }

    /// <summary>What the message means.</summary>
    public required MessageKind Kind { get; init; }

    /// <summary>The topic of an event, or the queue of a command or reply.</summary>
    public required string Destination { get; init; }

    /// <summary>Whether an event is published to the Event Grid topic as well.</summary>
    public bool IsPublic { get; init; }

    /// <summary>
    /// The ordering key, from the data: for an event the partition that it comes from, for a command or reply the
    /// partition of the receiver. It becomes the Service Bus session.
    /// </summary>
    public required Func<object, string> Key { get; init; }

    /// <summary>Source-generated metadata to read and write the data.</summary>
    public required JsonTypeInfo Json { get; init; }

    /// <summary>The CloudEvents <c>dataschema</c>, an absolute URI; <see langword="null"/> leaves it out.</summary>
    public Uri? DataSchema { get; init; }

    /// <summary>A retired version is still read, but the relay refuses (parks) what would publish it.</summary>
    public bool Retired { get; init; }

    /// <summary>Checks the data beyond what deserialization enforces; returns what is wrong, or <see langword="null"/>.</summary>
    public Func<object, ContractViolation?>? Validate { get; init; }

    /// <summary>
    /// As <see cref="Validate"/>, of a consumer's own record, whose metadata is given: only what that has. Throws if the record
    /// does not fit the message at all. <see langword="null"/> checks nothing.
    /// </summary>
    public Func<object, JsonTypeInfo, ContractViolation?>? ValidateView { get; init; }

    /// <summary>Says what was wrong with data that could not be deserialized, as <c>path: what</c>; <see langword="null"/> for as the serializer says it.</summary>
    public Func<JsonException, ContractViolation>? Explain { get; init; }

    /// <summary>
    /// How this version's data becomes that of the next one, whose record is named: for consumers that handle that one. Pure.
    /// <see langword="null"/> if there is none.
    /// </summary>
    public (Type To, Func<object, object> Map)? Upcast { get; init; }

    /// <summary>
    /// How this version's data is published as that of the version before too, whose record is named: both have one
    /// sequence. Pure; throws <see cref="ArgumentException"/> where the older version cannot say it. <see langword="null"/>
    /// publishes this version only. Only for events.
    /// </summary>
    public (Type To, Func<object, object> Map)? Downcast { get; init; }

    /// <summary>A contract, as the pipeline needs to know it.</summary>
    internal static MessageType Of(Contract contract, Uri? schemaAddress) => new()
    {
        Name = contract.Type,
        DataType = contract.DataType,
        Kind = contract.Kind switch
        {
            ContractKind.Command => MessageKind.Command,
            ContractKind.Reply => MessageKind.Reply,
            _ => MessageKind.Event,
        },
        Destination = contract.Destination,
        IsPublic = contract.IsPublic,
        Key = contract.KeyOf,
        Json = contract.Json,
        DataSchema = schemaAddress is null ? null : contract.SchemaAddress(schemaAddress),
        Validate = contract.ViolationIn,
        ValidateView = (data, view) => contract.ViewOf(view).ViolationIn(data),
        Explain = contract.ViolationOf,
        Upcast = contract.Upcast,
        Downcast = contract.Downcast,
        Retired = contract.IsRetired,
    };

    /// <summary>What follows the last full stop of its name: <c>v1</c>.</summary>
    internal string Version => Name[(Name.LastIndexOf('.') + 1)..];
}
