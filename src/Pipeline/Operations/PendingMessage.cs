using System.Text.Json;
using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Operations;

/// <summary>One message of a conversation that has not had its effect yet.</summary>
public sealed record PendingMessage
{
    /// <summary>Committed, not sent yet.</summary>
    public const string Unpublished = "unpublished";

    /// <summary>Cannot be sent as it is.</summary>
    public const string Quarantined = "quarantined";

    /// <summary>A dead letter: a consumer could not handle it.</summary>
    public const string DeadLettered = "dead-lettered";

    /// <summary>A dead letter that waits for its delayed retry.</summary>
    public const string WaitingForRetry = "waitingForRetry";

    /// <summary>It waits at a consumer: in the broker, or as a dead letter behind one that the consumer could not handle.</summary>
    public const string Waiting = "waiting";

    /// <summary>Given up for good, at a consumer or before it was sent.</summary>
    public const string Discarded = "discarded";

    /// <summary>Published, and no consumer gets it: there is nothing left to do.</summary>
    public const string Published = "published";

    /// <summary>Published, and neither handled nor in the broker.</summary>
    public const string Missing = "missing";

    /// <summary>Its record cannot be read.</summary>
    public const string Damaged = "damaged";

    /// <summary>The consumer of what Service Bus has, and Event Grid not yet.</summary>
    internal const string EventGrid = "event-grid";

    /// <summary>One of the states above.</summary>
    public required string State { get; init; }

    /// <summary>The consumer; the topic or queue, or <c>event-grid</c>, for what was not sent yet; <see langword="null"/> if there is none.</summary>
    public required string? Consumer { get; init; }

    /// <summary>The container where it is now.</summary>
    public required string Container { get; init; }

    /// <summary>The partition where it is now.</summary>
    public required string Partition { get; init; }

    /// <summary>CloudEvents id; empty if the body is no event.</summary>
    public required string EventId { get; init; }

    /// <summary>CloudEvents type.</summary>
    public string? Type { get; init; }

    /// <summary>CloudEvents source.</summary>
    public string? Source { get; init; }

    /// <summary>CloudEvents subject.</summary>
    public string? Subject { get; init; }

    /// <summary>The source's sequence.</summary>
    public long? Sequence { get; init; }

    /// <summary>Id of the message that caused it.</summary>
    public string? CausationId { get; init; }

    /// <summary>When the sender committed it; <see langword="null"/> where that is not known.</summary>
    public DateTimeOffset? CommittedAt { get; init; }

    /// <summary>When it was published, as far as that is known.</summary>
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>Since when it waits where it is: published, or as a dead letter; <see langword="null"/> if it does not wait.</summary>
    public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>Deliveries so far.</summary>
    public int DeliveryCount { get; init; }

    /// <summary>When it is tried again by itself; <see langword="null"/> unless it waits for a retry.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>How many of its delayed retries have failed.</summary>
    public int Retries { get; init; }

    /// <summary>Why it stands still; <see langword="null"/> if it is only on its way.</summary>
    public string? Reason { get; init; }

    /// <summary>The messages of one conversation that one container still has to send, could not handle or has given up, and those without a consumer.</summary>
    public static async Task<IReadOnlyList<PendingMessage>> OfCorrelationAsync(
        CosmosPartitionStore store, MessageCatalog catalog, string correlationId, CancellationToken cancellationToken)
    {
        var steps = new List<PendingMessage>();
        var records = StoreQueries.OutboxOfCorrelation(correlationId);
        using (var read = await store.QueryAsync(records, null, Flows.MaxPageSize, cancellationToken))
        {
            foreach (var record in read.Records)
                steps.AddRange(OfReadable(store.Name, record, catalog, correlationId));
        }

        var entries = StoreQueries.DeadLettersOfCorrelation(correlationId);
        using (var read = await store.QueryAsync(entries, null, Flows.MaxPageSize, cancellationToken))
        {
            foreach (var record in read.Records)
                steps.Add(OfEntry(store.Name, record));
        }

        return steps;
    }

    /// <summary>What cannot be read is a step of its own, and hides no other.</summary>
    private static IReadOnlyList<PendingMessage> OfReadable(string container, JsonElement record, MessageCatalog catalog, string correlationId)
    {
        try
        {
            return [.. OfRecord(container, record, catalog, correlationId)];
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or JsonException)
        {
            return [Unreadable(container, record, e)];
        }
    }

    private static PendingMessage Unreadable(string container, JsonElement record, Exception e) => new()
    {
        State = Damaged,
        Consumer = Text(record, "consumer"),
        Container = container,
        Partition = Text(record, "pk") ?? "",
        EventId = Text(record, "eventId") ?? "",
        Type = Text(record, "type"),
        Source = Text(record, "source"),
        Subject = Text(record, "subject"),
        CausationId = Text(record, "causationId"),
        Reason = $"the record '{Text(record, "id")}' cannot be read ({e.Message.ReplaceLineEndings(" ")}); restore it from a backup",
    };

    private static PendingMessage OfEntry(string container, JsonElement record)
    {
        try
        {
            return OfEntry(container, record.Deserialize(DeadLetterJson.Default.DeadLetter)!);
        }
        catch (JsonException e)
        {
            return Unreadable(container, record, e);
        }
    }

    private static IEnumerable<PendingMessage> OfRecord(string container, JsonElement record, MessageCatalog catalog, string correlationId)
    {
        var isSent = record.TryGetProperty("sent"u8, out var sentAt);
        var isUnheard = record.GetProperty("kind"u8).ValueEquals(RecordKinds.Published);
        var reason = record.TryGetProperty("parked"u8, out var parked) ? parked.GetProperty("reason"u8).GetString() : null;
        var state = isUnheard ? Published : reason is null ? Unpublished : Quarantined;
        if (record.TryGetProperty("discarded"u8, out var discarded))
            (state, reason) = (Discarded, WhyDiscarded(discarded.Deserialize(DeadLetterJson.Default.DiscardDetails)!));
        foreach (var message in record.GetProperty("messages"u8).EnumerateArray())
        {
            var cloudEvent = message.GetProperty("event"u8);
            if (Text(cloudEvent, "correlationid") != correlationId)
                continue;
            if (isSent && !isUnheard && catalog.Find(Text(cloudEvent, "type") ?? "") is not { IsPublic: true })
                continue; // Service Bus has it, and Event Grid is not to have it.
            yield return new PendingMessage
            {
                State = state,
                Consumer = isUnheard ? null : isSent ? EventGrid : message.GetProperty("to"u8).GetString()!,
                Container = container,
                Partition = record.GetProperty("pk"u8).GetString()!,
                EventId = Text(cloudEvent, "id") ?? "",
                Type = Text(cloudEvent, "type"),
                Source = Text(cloudEvent, "source"),
                Subject = Text(cloudEvent, "subject"),
                Sequence = long.TryParse(Text(cloudEvent, "sequence"), System.Globalization.CultureInfo.InvariantCulture, out var sequence) ? sequence : null,
                CausationId = Text(cloudEvent, "causationid"),
                CommittedAt = record.GetProperty("committedAt"u8).GetDateTimeOffset(),
                PublishedAt = isSent ? sentAt.GetDateTimeOffset() : null,
                WaitingSince = state is Unpublished or Quarantined ? record.GetProperty("committedAt"u8).GetDateTimeOffset() : null,
                Reason = isUnheard ? "No consumer gets events of this type." : reason,
            };
        }
    }

    private static PendingMessage OfEntry(string container, DeadLetter entry) => new()
    {
        State = entry.Discarded is not null ? Discarded : entry.RetryAt is not null ? WaitingForRetry : entry.Reason == DeadLetterReasons.BlockedByPredecessor ? Waiting : DeadLettered,
        Consumer = entry.Consumer.Value,
        Container = container,
        Partition = entry.Partition.Value,
        EventId = entry.EventId?.Value ?? "",
        Type = entry.Type,
        Source = entry.Source,
        Subject = entry.Subject,
        Sequence = entry.Sequence,
        CausationId = entry.CausationId,
        // The entry itself is as old as its first failure.
        CommittedAt = EventReader.Read(entry.Body, out _)?.Time,
        WaitingSince = entry.Discarded is null ? entry.CreatedAt : null,
        DeliveryCount = entry.DeliveryCount,
        RetryAt = entry.RetryAt,
        Retries = entry.Retries,
        Reason = entry.Discarded is { } given ? WhyDiscarded(given) : $"{entry.Reason}: {entry.Description.Split('\n')[0]}",
    };

    private static string WhyDiscarded(DiscardDetails discard) => $"discarded by {discard.By}: {discard.Reason}";

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
