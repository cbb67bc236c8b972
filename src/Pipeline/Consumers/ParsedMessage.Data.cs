using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pipeline.CloudEvents;
using Pipeline.DeadLetters;
using Pipeline.Messages;
using Pipeline.Payloads;

namespace Pipeline.Consumers;

/// <content>The data, as its consumer reads it.</content>
internal sealed partial class ParsedMessage
{
    private void ReadData(Consumer consumer, MessageCatalog catalog, IncomingMessage message)
    {
        if (catalog.Find(message.Type) is not { } type || catalog.HandledAs(consumer, type) is not { } version)
        {
            Poison = WhyNotHandled(consumer, catalog, message.Type);
            return;
        }

        // An event without data may say where it is; see ResolveAsync.
        if (message.Data is not { } data)
            Poison = message.DataRef is null ? (DeadLetterReasons.ContractViolation, "The event has no data.") : null;
        else if (message.WhyNoData() is { } wrong)
            Poison = (DeadLetterReasons.ContractViolation, wrong);
        else
            ReadData(consumer, catalog, type, version, data);
    }

    private static (string Reason, string Description) WhyNotHandled(Consumer consumer, MessageCatalog catalog, string type)
    {
        // A version that another consumer takes is no news: this one has nothing to do with the message at all.
        var others = catalog.OtherVersionsOf(type).Where(t => catalog.Find(type) is null || consumer.CanHandle(t.DataType)).Select(t => t.Name).ToList();
        return others.Count == 0
            ? (DeadLetterReasons.UnknownType, $"'{consumer.Name}' has no handler for '{type}'.")
            : (DeadLetterReasons.UnsupportedVersion, $"'{consumer.Name}' has no handler for this version, '{type}'; known here: {string.Join(", ", others)}.");
    }

    /// <summary>Gets the data of an event that only says where it is. Only ever from our own store: an address is no reason to call it.</summary>
    /// <exception cref="Storage.StoreUnavailableException">The payload store is out of reach.</exception>
    public async ValueTask ResolveAsync(Consumer consumer, MessageCatalog catalog, ClaimCheck claimCheck, CancellationToken cancellationToken)
    {
        if (Data is not null || Poison is not null || Message?.DataRef is not { } dataRef)
            return;
        if (claimCheck.NameOf(dataRef) is not { } name)
        {
            Poison = (DeadLetterReasons.ContractViolation, $"The event has no data, and its dataref '{dataRef}' is none of the payload store that '{consumer.Name}' reads.");
            return;
        }

        try
        {
            if (await claimCheck.GetAsync(name, cancellationToken) is not { } data)
                Poison = (DeadLetterReasons.PayloadMissing, $"The event has no data, and its payload '{name}' is gone.");
            else if (StrictJson.Check(data) is { } wrong)
                Poison = (DeadLetterReasons.ContractViolation, wrong.ToString());
            else
                ReadData(consumer, catalog, catalog.Find(Message.Type)!, BinaryData.FromBytes(data));
        }
        catch (InvalidDataException e)
        {
            Poison = (DeadLetterReasons.ContractViolation, e.Message);
        }
    }

    private void ReadData(Consumer consumer, MessageCatalog catalog, MessageType type, BinaryData bytes) =>
        ReadData(consumer, catalog, type, catalog.HandledAs(consumer, type)!, bytes);

    /// <summary>Reads what the consumer reads of it, and holds that against the contract; an older version is lifted first.</summary>
    private void ReadData(Consumer consumer, MessageCatalog catalog, MessageType type, MessageType version, BinaryData bytes)
    {
        var view = consumer.ConsumedMessages.GetValueOrDefault(version.DataType);
        var data = version == type
            ? view is null ? ReadWhole(type, bytes, out var wrong) : ReadView(type, view, bytes, out wrong)
            : ReadLifted(catalog, type, version, view, bytes, out wrong);
        HandledAs = version.DataType;
        if (data is null)
            Poison = (DeadLetterReasons.ContractViolation, wrong!);
        else
            ReadPartitions(consumer, data);
    }

    private static object? ReadWhole(MessageType type, BinaryData bytes, out string? wrong) => ReadAs(type, type.Json, bytes, type.Validate, out wrong);

    private static object? ReadView(MessageType type, JsonTypeInfo view, BinaryData bytes, out string? wrong) =>
        ReadAs(type, view, bytes, type.ValidateView is { } validate ? data => validate(data, view) : null, out wrong);

    private static object? ReadAs(MessageType type, JsonTypeInfo json, BinaryData bytes, Func<object, string?>? validate, out string? wrong)
    {
        try
        {
            var data = JsonSerializer.Deserialize(bytes.ToMemory().Span, json);
            wrong = data is null ? "The event has no data." : validate?.Invoke(data);
            return wrong is null ? data : null;
        }
        catch (JsonException e)
        {
            // By its contract's name: what the record is called here is nobody's business outside.
            wrong = type.Explain?.Invoke(e) ?? e.Message.Replace(json.Type.ToString(), type.Name, StringComparison.Ordinal);
            return null;
        }
    }

    private static object? ReadLifted(MessageCatalog catalog, MessageType type, MessageType version, JsonTypeInfo? view, BinaryData bytes, out string? wrong)
    {
        if (ReadWhole(type, bytes, out wrong) is not { } data)
            return null;
        try
        {
            var lifted = catalog.Upcast(type, version, data);
            wrong = version.Validate?.Invoke(lifted);
            if (wrong is null)
                return view is null ? lifted : ReadView(version, view, BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(lifted, version.Json)), out wrong);
        }
        catch (Exception e)
        {
            wrong = e.Message;
        }

        wrong = $"It cannot be read as '{version.Name}': {wrong}";
        return null;
    }

    /// <summary>What makes no partitions, or impossible ones, makes them at no attempt: the message is at fault, and it alone.</summary>
    private void ReadPartitions(Consumer consumer, object data)
    {
        try
        {
            if (consumer.IsUnordered)
                _partitions = consumer.PartitionsOf(data, Message!);
        }
        catch (Exception e)
        {
            Poison = (DeadLetterReasons.ContractViolation, $"The partitions that it concerns cannot be told: {e.Message}");
            return;
        }

        if (_partitions.FirstOrDefault(p => Ids.PartitionError(p) is not null) is { } invalid)
        {
            Poison = (DeadLetterReasons.ContractViolation, $"It concerns the partition '{invalid}', whose name {Ids.PartitionError(invalid)}.");
            _partitions = [];
            return;
        }

        Data = data;
    }
}
