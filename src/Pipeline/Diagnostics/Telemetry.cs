using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Pipeline.Diagnostics;

/// <summary>Names of the traces and metrics that the pipeline emits, following OpenTelemetry's messaging conventions.</summary>
public static class Telemetry
{
    /// <summary>Name of the <see cref="ActivitySource"/> and of the <see cref="Meter"/>.</summary>
    public const string Name = "Pipeline";

    internal static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    /// <summary>From the latency of a fast relay to an outage of hours.</summary>
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200],
    };

    internal static readonly Histogram<double> CommitToPublish =
        Meter.CreateHistogram("pipeline.commit_to_publish.duration", "s", "From the commit of an outbox record to its publication.", null, Seconds);

    internal static readonly Histogram<double> CommitToEffect =
        Meter.CreateHistogram("pipeline.commit_to_effect.duration", "s", "From the commit of a message to the commit of its effect at a consumer.", null, Seconds);

    internal static readonly Counter<long> Published =
        Meter.CreateCounter<long>("pipeline.messages.published", "{message}", "Messages that the relay published, by destination.");

    internal static readonly Counter<long> Handled =
        Meter.CreateCounter<long>("pipeline.messages.handled", "{message}", "Messages whose effect was committed, by consumer.");

    internal static readonly Counter<long> Duplicates =
        Meter.CreateCounter<long>("pipeline.messages.duplicate", "{message}", "Deliveries of messages that had been handled before, by consumer.");

    internal static readonly Counter<long> DeadLettersCreated =
        Meter.CreateCounter<long>("pipeline.dead_letters.created", "{message}", "Dead letters stored, by consumer and reason.");

    internal static readonly Counter<long> ReplaysFailed =
        Meter.CreateCounter<long>("pipeline.dead_letters.replays.failed", "{replay}", "Failed delayed retries and replays of dead letters, by consumer and reason.");

    internal static readonly Counter<long> Discarded =
        Meter.CreateCounter<long>("pipeline.dead_letters.discarded", "{message}", "Dead letters that were discarded, by consumer and reason.");

    internal static readonly Counter<long> Edited =
        Meter.CreateCounter<long>("pipeline.dead_letters.edited", "{edit}", "Edits of dead letters, by consumer.");

    internal static readonly Counter<long> Quarantined =
        Meter.CreateCounter<long>("pipeline.outbox.quarantined", "{message}", "Outbox messages that were quarantined, by container.");

    internal static readonly Counter<long> QuarantinedDiscarded =
        Meter.CreateCounter<long>("pipeline.outbox.quarantined.discarded", "{message}", "Quarantined outbox messages that were discarded, by container.");

    internal static readonly Counter<long> PayloadsStored =
        Meter.CreateCounter<long>("pipeline.payloads.stored", "{payload}", "Payloads stored apart from their messages, by type.");

    internal static readonly Counter<long> PayloadsCollected =
        Meter.CreateCounter<long>("pipeline.payloads.collected", "{payload}", "Payloads deleted because no message refers to them any more, by type.");

    internal static readonly Gauge<double> OldestUnpublished =
        Meter.CreateGauge<double>("pipeline.outbox.oldest_unpublished.age", "s", "Age of the oldest outbox message that the last recovery sweep found unpublished, by container.");

    internal static readonly Counter<long> SweptPartitions =
        Meter.CreateCounter<long>("pipeline.sweep.partitions", "{partition}", "Partitions that the recovery sweep published because the change feed had not, by container.");

    internal static readonly Gauge<long> DeadLettersOpen =
        Meter.CreateGauge<long>("pipeline.dead_letters.open", "{message}", "Dead letters that wait for an operator, by container. Delayed retries, and the messages behind them, are not counted.");

    internal static readonly Gauge<long> DeadLettersWaitingForRetry =
        Meter.CreateGauge<long>("pipeline.dead_letters.waiting_for_retry", "{message}", "Dead letters that wait for their delayed retry, by container.");

    internal static readonly Gauge<long> SubjectsBlocked =
        Meter.CreateGauge<long>("pipeline.subjects.blocked", "{subject}", "Subjects that are blocked at a consumer, by container.");

    internal static readonly Gauge<double> OldestBlocked =
        Meter.CreateGauge<double>("pipeline.subjects.oldest_blocked.age", "s", "Age of the oldest message that blocks a subject or waits in a blocked one, by container.");

    internal static readonly Counter<long> GatewayOpened =
        Meter.CreateCounter<long>("pipeline.gateways.opened", "{time}", "Openings of a gateway's circuit breaker, by gateway.");

    internal static readonly Gauge<long> GatewayState =
        Meter.CreateGauge<long>("pipeline.gateways.breaker", "{state}", "State of a gateway's circuit breaker on an instance: 0 closed, 1 half-open, 2 open; by gateway.");

    internal static readonly Gauge<long> QuarantinedOpen =
        Meter.CreateGauge<long>("pipeline.outbox.quarantined.open", "{message}", "Outbox messages that are quarantined now, by container.");

    internal static readonly Gauge<double> OldestForEventGrid =
        Meter.CreateGauge<double>("pipeline.outbox.oldest_event_grid.age", "s", "Age of the oldest outbox message that Event Grid has not accepted, by container.");

    private static readonly Counter<long> WebhooksFailed =
        Meter.CreateCounter<long>("pipeline.webhooks.failed", "{request}", "Webhook requests that failed and that the sender has to repeat, by source.");

    private static readonly Counter<long> WebhooksRefused =
        Meter.CreateCounter<long>("pipeline.webhooks.refused", "{request}", "Webhook requests that were refused, by source.");

    /// <summary>Counts a webhook request that was not accepted.</summary>
    /// <param name="source">A known source, never what a caller made up: every name is a series of its own.</param>
    /// <param name="status">HTTP status of the answer. 429 and 5xx count as failed, every other one from 400 as refused.</param>
    public static void CountWebhookProblem(string source, int status)
    {
        if (status >= 400)
            (status is 429 or >= 500 ? WebhooksFailed : WebhooksRefused).Add(1, new KeyValuePair<string, object?>("source", source));
    }

    internal static Activity? StartConsume(string consumer, string? type, string? traceParent)
    {
        // A missing or malformed trace context starts a new trace; it never stands in the way of the message.
        _ = ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        var activity = Source.StartActivity("process " + consumer, ActivityKind.Consumer, parent);
        activity?.SetTag("messaging.operation.type", "process");
        activity?.SetTag("messaging.destination.name", consumer);
        activity?.SetTag("cloudevents.event_type", type);
        return activity;
    }
}
