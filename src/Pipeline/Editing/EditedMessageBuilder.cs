using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.CloudEvents;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.JsonPatches;
using Pipeline.Messages;
using Pipeline.Payloads;

namespace Pipeline.Editing;

/// <summary>Makes the edited message and checks it as one that arrives: what its consumer could not read is refused here.</summary>
internal sealed class EditedMessageBuilder(MessageCatalog catalog, ClaimCheck claimCheck)
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task<EditedMessage> MakeAsync(DeadLetter entry, Consumer consumer, MessageEdit what, string editId, CancellationToken cancellationToken)
    {
        JsonObject cloudEvent;
        string how;
        if (EventReader.Read(entry.Body, out var unreadable) is not { } message)
        {
            how = "event replaced";
            if (what.Patch is not null)
                return Refused($"The body is no event ({unreadable!.Description}), so there is no data to patch: give a whole CloudEvent as 'replacement'.");
            if (JsonNode.Parse(what.Replacement!.Value.GetRawText()) is not JsonObject whole)
                return Refused("The body is no event, so the replacement has to be a whole CloudEvent, as a JSON object.");
            cloudEvent = whole;
        }
        else
        {
            how = what.Patch is null ? "data replaced" : "patch";
            cloudEvent = EnvelopeOf(entry.Body);
            var (data, refusal) = what.Patch is { } patch
                ? await PatchAsync(message, patch, cancellationToken)
                : (JsonNode.Parse(what.Replacement!.Value.GetRawText()), null);
            if (refusal is not null)
                return Refused(refusal);
            if (cloudEvent.ContainsKey("datacontenttype"))
                cloudEvent["datacontenttype"] = "application/json";
            cloudEvent["data"] = data;
        }

        if (cloudEvent["data"] is { } kept && JsonSerializer.SerializeToUtf8Bytes(kept, Readable).Length is var bytes && claimCheck.IsNeeded(bytes))
            return Refused(string.Create(CultureInfo.InvariantCulture,
                $"The edited data has {bytes} bytes; at most {claimCheck.MaxInlineBytes} can be kept in the event. Discard it, and have its sender send what is right."));
        cloudEvent[EventReader.EditIdAttribute] = editId;
        cloudEvent[EventReader.EditedByAttribute] = what.By;
        var body = JsonSerializer.SerializeToUtf8Bytes(cloudEvent, Readable);
        return await CheckAsync(entry, consumer, body, how, cancellationToken);
    }

    private async Task<(JsonNode? Data, string? Refusal)> PatchAsync(IncomingMessage message, JsonElement patch, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = message.Data;
            if (bytes is null && message.DataRef is { } dataRef)
            {
                bytes = claimCheck.NameOf(dataRef) is { } name ? await claimCheck.GetAsync(name, cancellationToken) : null;
                if (bytes is null)
                    return (null, $"The event's data is not here ('{dataRef}'), so it cannot be patched: give all of it as 'replacement'.");
            }

            if (bytes is { } read && StrictJson.Check(read, ReceivedEvent.MaxDataDepth) is { } wrong)
                return (null, $"The event's data cannot be patched ({wrong}): give all of it as 'replacement'.");
            var data = bytes is null ? null : JsonNode.Parse(bytes.Value.Span);
            return (JsonPatch.Parse(System.Text.Encoding.UTF8.GetBytes(patch.GetRawText())).Apply(data), null);
        }
        catch (JsonPatchException e)
        {
            return (null, e.Message);
        }
        catch (InvalidDataException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>As its consumer will see it, in the partition where the entry stands.</summary>
    private async Task<EditedMessage> CheckAsync(DeadLetter entry, Consumer consumer, byte[] body, string how, CancellationToken cancellationToken)
    {
        var parser = new MessageParser(consumer, catalog, claimCheck);
        var parsed = Parse(parser, entry, body);
        if (parsed.Poison is { } poison)
            return Refused(poison.Reason == DeadLetterReasons.ContractViolation ? Violation(poison) : $"{poison.Reason}: {poison.Description}", poison.Path);
        if (parsed is not { Data: not null, Message: { } message })
            return Refused("The event has no data of its own; write it into 'data'.");
        var (key, failure) = parser.OrderingKeyOf(message);
        if (failure is not null)
            return Refused(Violation(failure), failure.Path);
        if (parsed.Partitions.Count > 0)
        {
            // A dead letter of one part has to stay one; one of a message that could not be read at all may belong anywhere.
            if (entry.Id == parsed.In(entry.Partition).DeadLetterId && await PartitionsErrorAsync(parser, entry, parsed, cancellationToken) is { } error)
                return Refused(error);
        }
        else if (key != entry.Partition.Value)
        {
            return Refused($"With that data the event is about '{key}', but the entry stands in '{entry.Partition}': an edit cannot move it to another subject.");
        }

        return new EditedMessage(body, message, how, null);
    }

    /// <summary>The replay of a part goes to its own partition alone, so an edit cannot make the message concern others.</summary>
    private static async Task<string?> PartitionsErrorAsync(MessageParser parser, DeadLetter entry, ParsedMessage edited, CancellationToken cancellationToken)
    {
        var parts = edited.Parts().Select(p => p.Partition).ToHashSet();
        if (!parts.Contains(entry.Partition))
            return $"With that data the event does not concern '{entry.Partition}' any more, where the dead letter is.";
        var original = Parse(parser, entry, entry.Original ?? entry.Body);
        await parser.ResolveAsync(original, cancellationToken);
        parts.ExceptWith(original.Parts().Select(p => p.Partition));
        return original.Partitions.Count > 0 && parts.Count > 0
            ? $"With that data the event would concern '{parts.First()}' too, which has no dead letter of it, so that it would have no effect there. Have its sender send what is right."
            : null;
    }

    private static ParsedMessage Parse(MessageParser parser, DeadLetter entry, byte[] body) =>
        parser.Parse(new ReceivedMessage { Body = body, SessionId = entry.Partition.Value, MessageId = entry.MessageId, DeliveryCount = 1 });

    /// <summary>The attributes of an event that could be read. Its data may be anything, and is left out.</summary>
    private static JsonObject EnvelopeOf(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement[0] : document.RootElement;
        var envelope = new JsonObject();
        foreach (var attribute in root.EnumerateObject().Where(p => p.Name is not ("data" or "data_base64" or "dataref")))
            envelope.Add(attribute.Name, JsonNode.Parse(attribute.Value.GetRawText()));
        return envelope;
    }

    private static EditedMessage Refused(string why, string? path = null) => new(null, null, "", new EditResult(EditOutcome.Refused, why, path));

    private static string Violation(Failure failure) => $"With that data it breaks its contract: {failure.Description}";
}
