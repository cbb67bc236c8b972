using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Ledger;
using Pipeline.Messages;
using Pipeline.Partitions;

namespace Pipeline;

/// <summary>One message of a conversation that has not had its effect yet.</summary>
public sealed record OpenStep
{
    /// <summary>Committed, not sent yet.</summary>
    public const string Unpublished = "unpublished";

    /// <summary>Cannot be sent as it is.</summary>
    public const string Parked = "parked";

    /// <summary>In the ledger: a consumer could not handle it.</summary>
    public const string DeadLettered = "dead-lettered";

    /// <summary>In the ledger: a consumer could not handle it yet, and it is retried by itself when due.</summary>
    public const string Held = "held";

    /// <summary>In the ledger: it waits behind one that a consumer could not handle.</summary>
    public const string Waiting = "waiting";

    /// <summary>The consumer of what Service Bus has, and Event Grid not yet.</summary>
    private const string EventGrid = "event-grid";

    /// <summary>One of the states above.</summary>
    public required string State { get; init; }

    /// <summary>The consumer; the topic or queue, or <c>event-grid</c>, for what was not sent yet.</summary>
    public required string Consumer { get; init; }

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

    /// <summary>Deliveries so far.</summary>
    public int DeliveryCount { get; init; }

    /// <summary>When it is tried again by itself; <see langword="null"/> unless it is held.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>How many of its delayed retries have failed.</summary>
    public int Retries { get; init; }

    /// <summary>Why it stands still; <see langword="null"/> if it is only on its way.</summary>
    public string? Reason { get; init; }

    /// <summary>The messages of one conversation that one container still has to send, or could not handle.</summary>
    public static async Task<IReadOnlyList<OpenStep>> OfCorrelationAsync(
        PartitionStore store, MessageCatalog catalog, string correlationId, CancellationToken cancellationToken)
    {
        var steps = new List<OpenStep>();
        var records = new QueryDefinition("SELECT * FROM c WHERE c.kind = 'outbox' AND ARRAY_CONTAINS(c.correlationIds, @id)").WithParameter("@id", correlationId);
        using (var read = await store.QueryAsync(records, null, Flows.MaxPageSize, cancellationToken))
        {
            foreach (var record in read.Records)
                steps.AddRange(OfRecord(store.Name, record, catalog, correlationId));
        }

        var entries = new QueryDefinition("SELECT * FROM c WHERE c.kind = 'deadletter' AND c.open = true AND c.correlationId = @id").WithParameter("@id", correlationId);
        using (var read = await store.QueryAsync(entries, null, Flows.MaxPageSize, cancellationToken))
        {
            foreach (var record in read.Records)
                steps.Add(OfEntry(store.Name, record.Deserialize(RecordJson.Default.LedgerEntry)!));
        }

        return steps;
    }

    private static IEnumerable<OpenStep> OfRecord(string container, JsonElement record, MessageCatalog catalog, string correlationId)
    {
        var isSent = record.TryGetProperty("sent"u8, out _);
        var reason = record.TryGetProperty("parked"u8, out var parked) ? parked.GetProperty("reason"u8).GetString() : null;
        foreach (var message in record.GetProperty("messages"u8).EnumerateArray())
        {
            var cloudEvent = message.GetProperty("event"u8);
            if (Text(cloudEvent, "correlationid") != correlationId)
                continue;
            if (isSent && catalog.Find(Text(cloudEvent, "type") ?? "") is not { IsPublic: true })
                continue; // Service Bus has it, and Event Grid is not to have it.
            yield return new OpenStep
            {
                State = reason is null ? Unpublished : Parked,
                Consumer = isSent ? EventGrid : message.GetProperty("to"u8).GetString()!,
                Container = container,
                Partition = record.GetProperty("pk"u8).GetString()!,
                EventId = Text(cloudEvent, "id") ?? "",
                Type = Text(cloudEvent, "type"),
                Source = Text(cloudEvent, "source"),
                Subject = Text(cloudEvent, "subject"),
                Sequence = long.TryParse(Text(cloudEvent, "sequence"), System.Globalization.CultureInfo.InvariantCulture, out var sequence) ? sequence : null,
                CausationId = Text(cloudEvent, "causationid"),
                CommittedAt = record.GetProperty("committedAt"u8).GetDateTimeOffset(),
                Reason = reason,
            };
        }
    }

    private static OpenStep OfEntry(string container, LedgerEntry entry) => new()
    {
        State = entry.RetryAt is not null ? Held : entry.Reason == Reasons.BlockedByPredecessor ? Waiting : DeadLettered,
        Consumer = entry.Consumer,
        Container = container,
        Partition = entry.Partition,
        EventId = entry.EventId ?? "",
        Type = entry.Type,
        Source = entry.Source,
        Subject = entry.Subject,
        Sequence = entry.Sequence,
        CausationId = entry.CausationId,
        // The entry itself is as old as its first failure.
        CommittedAt = IncomingMessage.TryRead(entry.Body, out var message, out _, out _) ? message.Time : null,
        DeliveryCount = entry.DeliveryCount,
        RetryAt = entry.RetryAt,
        Retries = entry.Retries,
        Reason = $"{entry.Reason}: {entry.Description.Split('\n')[0]}",
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
