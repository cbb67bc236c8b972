using Microsoft.Azure.Cosmos;

namespace Pipeline.Storage;

/// <summary>Every query that the pipeline runs on its containers. The container's indexes are made for these.</summary>
internal static class StoreQueries
{
    /// <summary>Outbox records of a partition that Service Bus has not got, in order.</summary>
    public static QueryDefinition UnsentOutbox() =>
        new QueryDefinition("SELECT * FROM c WHERE c.id >= @from AND c.id < @to AND NOT IS_DEFINED(c.sent) ORDER BY c.id")
            .WithParameter("@from", Ids.OutboxFrom)
            .WithParameter("@to", Ids.OutboxTo);

    /// <summary>Outbox records of a partition behind one that Service Bus has not got.</summary>
    public static QueryDefinition UnsentOutboxBehind(string id) =>
        new QueryDefinition("SELECT c.id FROM c WHERE c.id > @id AND c.id < @to AND NOT IS_DEFINED(c.sent)")
            .WithParameter("@id", id)
            .WithParameter("@to", Ids.OutboxTo);

    /// <summary>Partitions with outbox records that Service Bus has not got and that were written at that second, UTC, or before.</summary>
    public static QueryDefinition UnsentPartitions(long writtenUntil) =>
        new QueryDefinition(
            "SELECT c.pk, c._ts FROM c WHERE c.kind = 'outbox' AND c._ts <= @cutoff AND NOT IS_DEFINED(c.parked) AND NOT IS_DEFINED(c.sent)")
            .WithParameter("@cutoff", writtenUntil);

    /// <summary>Outbox records that only Event Grid has not got, written at that second, UTC, or before.</summary>
    public static QueryDefinition UnsentToEventGrid(long writtenUntil) =>
        new QueryDefinition("SELECT * FROM c WHERE c.kind = 'outbox' AND IS_DEFINED(c.sent) AND NOT IS_DEFINED(c.parked) AND c._ts <= @cutoff")
            .WithParameter("@cutoff", writtenUntil);

    /// <summary>The outbox record that Event Grid has not got for longest.</summary>
    public static QueryDefinition OldestUnsentToEventGrid() =>
        new("SELECT TOP 1 c._ts FROM c WHERE c.kind = 'outbox' AND IS_DEFINED(c.sent) AND NOT IS_DEFINED(c.parked) ORDER BY c._ts");

    /// <summary>Age and state of every outbox record.</summary>
    public static QueryDefinition OutboxAges() => new("SELECT c._ts, IS_DEFINED(c.parked) AS parked FROM c WHERE c.kind = 'outbox'");

    /// <summary>Quarantined outbox records.</summary>
    public static QueryDefinition Quarantined() => new("SELECT * FROM c WHERE c.kind = 'outbox' AND IS_DEFINED(c.parked)");

    /// <summary>Partitions of quarantined outbox records, one for each record.</summary>
    public static QueryDefinition QuarantinedPartitions() => new("SELECT c.pk FROM c WHERE c.kind = 'outbox' AND IS_DEFINED(c.parked)");

    /// <summary>Outbox records that were discarded.</summary>
    public static QueryDefinition DiscardedOutbox() => new("SELECT * FROM c WHERE c.kind = 'discarded'");

    /// <summary>What the outbox still knows of one conversation.</summary>
    public static QueryDefinition OutboxOfCorrelation(string correlationId) =>
        new QueryDefinition("SELECT * FROM c WHERE c.kind IN ('outbox', 'published', 'discarded') AND ARRAY_CONTAINS(c.correlationIds, @id)")
            .WithParameter("@id", correlationId);

    /// <summary>Partitions that something was written to.</summary>
    public static QueryDefinition Heads() => new("SELECT c.id, c.pk FROM c WHERE c.kind = 'head'");

    /// <summary>Inbox records.</summary>
    public static QueryDefinition Inbox() => new("SELECT * FROM c WHERE c.kind = 'inbox'");

    /// <summary>Inbox records of one conversation.</summary>
    public static QueryDefinition InboxOfCorrelation(string correlationId) =>
        new QueryDefinition("SELECT * FROM c WHERE c.kind = 'inbox' AND c.correlationId = @id").WithParameter("@id", correlationId);

    /// <summary>One record that a consumer wrote since a second, UTC.</summary>
    public static QueryDefinition WrittenByConsumer(ConsumerName consumer, long since) =>
        new QueryDefinition("SELECT TOP 1 c.id FROM c WHERE c.kind IN ('inbox', 'deadletter') AND c.consumer = @consumer AND c._ts >= @since")
            .WithParameter("@consumer", consumer.Value)
            .WithParameter("@since", since);

    /// <summary>Notes of problems of one consumer, at most 100.</summary>
    public static QueryDefinition ProblemsOfConsumer(ConsumerName consumer) =>
        new QueryDefinition("SELECT TOP 100 * FROM c WHERE c.kind IN ('damage', 'givenback') AND c.consumer = @consumer").WithParameter("@consumer", consumer.Value);

    /// <summary>Notes of damaged partitions, at most 500.</summary>
    public static QueryDefinition Damage() => new("SELECT TOP 500 * FROM c WHERE c.kind = 'damage'");

    /// <summary>Damaged partitions, one for each note.</summary>
    public static QueryDefinition DamagedPartitions() => new("SELECT c.pk FROM c WHERE c.kind = 'damage'");

    /// <summary>One dead letter.</summary>
    public static QueryDefinition DeadLetter(DeadLetterId id) =>
        new QueryDefinition("SELECT * FROM c WHERE c.kind = 'deadletter' AND c.id = @id").WithParameter("@id", id.Value);

    /// <summary>One open dead letter of an event at a consumer.</summary>
    public static QueryDefinition OpenDeadLetterOfEvent(ConsumerName consumer, CloudEventId eventId) =>
        new QueryDefinition("SELECT TOP 1 c.id FROM c WHERE c.kind = 'deadletter' AND c.open = true AND c.consumer = @consumer AND c.eventId = @event")
            .WithParameter("@consumer", consumer.Value)
            .WithParameter("@event", eventId.Value);

    /// <summary>Open and discarded dead letters of one conversation.</summary>
    public static QueryDefinition DeadLettersOfCorrelation(string correlationId) =>
        new QueryDefinition("SELECT * FROM c WHERE c.kind = 'deadletter' AND (c.open = true OR IS_DEFINED(c.discarded)) AND c.correlationId = @id")
            .WithParameter("@id", correlationId);

    /// <summary>The first open, ordered dead letters of a consumer in a partition by position, but for one.</summary>
    public static QueryDefinition FirstOpenDeadLetters(ConsumerName consumer, DeadLetterId except, int top) =>
        new QueryDefinition(string.Create(CultureInfo.InvariantCulture, $"SELECT TOP {top} c.id, c.place FROM c WHERE STARTSWITH(c.id, 'dl:') ")
            + "AND c.consumer = @consumer AND c.open = true AND c.inOrder = true AND c.id != @except ORDER BY c.place")
            .WithParameter("@consumer", consumer.Value)
            .WithParameter("@except", except.Value);

    /// <summary>Open, ordered dead letters of a consumer in a partition behind a position.</summary>
    public static QueryDefinition DeadLettersBehind(ConsumerName consumer, string position) =>
        new QueryDefinition(
            "SELECT c.id, c.place, c.type, c.eventId, c.sequence, c.reason, c.createdAt FROM c WHERE STARTSWITH(c.id, 'dl:') "
            + "AND c.consumer = @consumer AND c.open = true AND c.inOrder = true AND c.place > @place")
            .WithParameter("@consumer", consumer.Value)
            .WithParameter("@place", position);

    /// <summary>Open, ordered dead letters, the oldest first.</summary>
    public static QueryDefinition OpenOrderedDeadLetters(ConsumerName? consumer)
    {
        var query = new QueryDefinition(
            "SELECT c.id, c.pk, c.consumer, c.reason, c.summary, c.createdAt, c.retryAt FROM c WHERE c.kind = 'deadletter' AND c.open = true "
            + $"AND c.inOrder = true {(consumer is null ? "" : "AND c.consumer = @consumer ")}ORDER BY c.createdAt");
        return consumer is { } only ? query.WithParameter("@consumer", only.Value) : query;
    }

    /// <summary>When the oldest open, ordered dead letter was created.</summary>
    public static QueryDefinition OldestOpenOrderedDeadLetter() =>
        new("SELECT TOP 1 c.createdAt FROM c WHERE c.kind = 'deadletter' AND c.open = true AND c.inOrder = true ORDER BY c.createdAt");

    /// <summary>What is counted of open dead letters.</summary>
    public static QueryDefinition OpenDeadLetterCounts() =>
        new("SELECT c.pk, c.consumer, c.inOrder, c.createdAt, c.reason, IS_DEFINED(c.retryAt) AS held FROM c WHERE c.kind = 'deadletter' AND c.open = true");

    /// <summary>Replays of subjects that are being applied and whose message is not scheduled for later than now.</summary>
    public static QueryDefinition DueSubjectReplays(DateTimeOffset now) =>
        new QueryDefinition(
            "SELECT c.pk, c.replayId FROM c WHERE c.kind = 'replay' AND c.status = 'applying' AND (NOT IS_DEFINED(c.sentAt) OR c.sentAt <= @now)")
            .WithParameter("@now", StorageJson.TextOf(now));

    /// <summary>Replays.</summary>
    public static QueryDefinition Replays() => new("SELECT * FROM c WHERE c.kind = 'plan'");

    /// <summary>Replays that are being applied or stopped.</summary>
    public static QueryDefinition RunningReplays() => new("SELECT c.pk FROM c WHERE c.kind = 'plan' AND c.status IN ('applying', 'stopping')");

    /// <summary>The subjects of a replay.</summary>
    public static QueryDefinition ReplaySubjects() => new("SELECT * FROM c WHERE c.kind = 'lane'");

    /// <summary>The subjects of a replay that are being replayed.</summary>
    public static QueryDefinition RunningReplaySubjects() => new("SELECT * FROM c WHERE c.kind = 'lane' AND c.status = 'applying'");

    /// <summary>The columns of dead letters that a filter selects. Its partition is for the caller to ask in.</summary>
    public static QueryDefinition DeadLetters(DeadLetterFilter filter, string columns)
    {
        var conditions = new List<(string Condition, string Name, object? Value)>
        {
            ("c.id = ", "@id", filter.Id),
            ("c.consumer = ", "@consumer", filter.Consumer),
            ("c.type = ", "@type", filter.Type),
            ("c.eventId = ", "@event", filter.EventId),
            ("c.source = ", "@source", filter.Source),
            ("c.reason = ", "@reason", filter.Reason),
            ("c.fingerprint = ", "@fingerprint", filter.IsWithoutFingerprint ? null : filter.Fingerprint),
            ("c.createdAt >= ", "@from", filter.From is { } from ? StorageJson.TextOf(from) : null),
            ("c.createdAt < ", "@to", filter.To is { } to ? StorageJson.TextOf(to) : null),
            ("c.open = ", "@open", filter.Open),
        };
        conditions.RemoveAll(c => c.Value is null);
        var text = $"SELECT {columns} FROM c WHERE c.kind = 'deadletter'"
            + (filter.IsWithoutFingerprint ? " AND NOT IS_DEFINED(c.fingerprint)" : "")
            + (filter.Discarded ? " AND IS_DEFINED(c.discarded)" : "")
            + (filter.WaitingForRetry ? " AND IS_DEFINED(c.retryAt)" : "")
            + string.Concat(conditions.Select(part => $" AND {part.Condition}{part.Name}"));
        var query = new QueryDefinition(text);
        foreach (var (_, name, value) in conditions)
            query.WithParameter(name, value);
        return query;
    }
}
