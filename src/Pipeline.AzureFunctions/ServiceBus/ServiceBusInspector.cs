using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.Operations;
using Pipeline.Storage;

namespace Pipeline.AzureFunctions.ServiceBus;

/// <summary>
/// Inspects the messages in the broker by peeking. This needs the right to receive, which the triggers have, and not the right to manage
/// the namespace. It is limited in messages and time and cached briefly, so that its cost does not depend on the number of callers.
/// </summary>
public sealed class ServiceBusInspector(ServiceBusClient client, IEnumerable<Consumer> consumers, Stores stores, TimeProvider clock, ILogger<ServiceBusInspector> log) : IDisposable
{
    /// <summary>The largest number of messages that are inspected in one queue.</summary>
    public const int MostMessages = 100;

    /// <summary>Requests per queue at most: the broker may answer with fewer messages than requested.</summary>
    private const int MostRequests = 3;

    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    /// <summary>The timeout of the broker; without its answer the status contains the rest.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>How long the oldest message may wait before the cause is determined.</summary>
    private static readonly TimeSpan StandsStillAfter = TimeSpan.FromSeconds(30);

    private readonly List<Queue> _queues = [.. consumers.Select(c => new Queue(c))];
    private readonly SemaphoreSlim _gate = new(1);
    private BrokerContents? _last;

    /// <summary>Gets the waiting messages, as of now or a few seconds ago. Does not throw if the broker fails: the answer contains the error.</summary>
    public async Task<BrokerContents> LookAsync(CancellationToken cancellationToken)
    {
        if (Fresh() is { } fresh)
            return fresh;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return Fresh() ?? (_last = await LookNowAsync());
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private BrokerContents? Fresh() => _last is { } last && clock.GetUtcNow() - last.LookedAt is { Ticks: >= 0 } age && age < Kept ? last : null;

    /// <summary>Not cancelled with the first caller, because others wait for the same result.</summary>
    private async Task<BrokerContents> LookNowAsync()
    {
        var at = clock.GetUtcNow();
        using var timeout = new CancellationTokenSource(Timeout, clock);
        var seen = await Task.WhenAll(_queues.Select(queue => LookAsync(queue, at, timeout.Token)));
        var unreachable = seen.Select(q => q.Status).Where(q => q.Problem == QueueStatus.Unreachable).ToList();
        var error = unreachable.Count == 0 ? null
            : unreachable.Count == seen.Length ? $"The broker does not answer: {unreachable[0].Detail}"
            : $"The broker does not answer for {string.Join(", ", unreachable.Select(q => q.Consumer))}: {unreachable[0].Detail}";
        return new BrokerContents(at, error, seen);
    }

    private async Task<QueueContents> LookAsync(Queue queue, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var status = new QueueStatus { Consumer = queue.Consumer.Name };
        IReadOnlyList<WaitingMessage> messages, deadLetters;
        try
        {
            // Does not wait longer than the timeout: a client stuck in a connection does not observe the token at once.
            var (waiting, dead) = (PeekAsync(queue.Receiver(client), cancellationToken), PeekAsync(queue.DeadLetterReceiver(client), cancellationToken));
            await Task.WhenAll(waiting, dead).WaitAsync(cancellationToken);
            (messages, var more) = await waiting;
            (deadLetters, _) = await dead;
            status = status with
            {
                Waiting = messages.Count,
                More = more,
                Oldest = messages.Count > 0 ? messages.MinBy(m => m.Since) : null,
                DeadLetterQueue = deadLetters.Count,
            };
        }
        catch (Exception e)
        {
            log.LogWarning(e, "{Consumer}: its queue cannot be inspected.", queue.Consumer.Name);
            status = status with
            {
                Problem = QueueStatus.Unreachable,
                Detail = e is OperationCanceledException
                    ? string.Create(CultureInfo.InvariantCulture, $"no answer within {Timeout.TotalSeconds} s")
                    : e.Message.ReplaceLineEndings(" "),
            };
            return new QueueContents(status, [], []);
        }

        var (problem, detail) = await ProblemOfAsync(queue, status, deadLetters, now);
        return new QueueContents(status with { Problem = problem, Detail = detail }, messages, deadLetters);
    }

    /// <summary>Gets the first messages, without deferred and scheduled ones.</summary>
    private static async Task<(IReadOnlyList<WaitingMessage> Messages, bool More)> PeekAsync(ServiceBusReceiver receiver, CancellationToken cancellationToken)
    {
        var messages = new List<WaitingMessage>();
        var (from, seen) = (0L, 0);
        for (var request = 1; ; request++)
        {
            var page = await receiver.PeekMessagesAsync(MostMessages - seen, from, cancellationToken);
            messages.AddRange(page.Where(m => m.State == ServiceBusMessageState.Active).Select(Settlements.WaitingMessageOf));
            if (page.Count == 0)
                return (messages, false);
            seen += page.Count;
            from = page[^1].SequenceNumber + 1;
            if (seen >= MostMessages || request == MostRequests)
                return (messages, true);
        }
    }

    /// <summary>Gets the reason why the oldest message still waits.</summary>
    private async Task<(string? Problem, string? Detail)> ProblemOfAsync(Queue queue, QueueStatus status, IReadOnlyList<WaitingMessage> deadLetters, DateTimeOffset now)
    {
        if (status.Oldest is { } oldest && now - oldest.Since >= StandsStillAfter)
        {
            var (hasHandled, why) = await TracesAsync(queue.Consumer, oldest);
            if (oldest.Deliveries > 0 || why is not null)
            {
                var times = Math.Max(oldest.Deliveries, why?.Times ?? 0);
                return (QueueStatus.GivenBack, string.Create(
                    CultureInfo.InvariantCulture,
                    $"{queue.Consumer.Name} has given the message {oldest.MessageId} of {why?.Partition ?? oldest.Subject ?? "no subject"} back {times} {(times == 1 ? "time" : "times")}")
                    + (why is null ? "; the log of its function has the reason" : string.Create(CultureInfo.InvariantCulture, $" since {why.Since:u}: {why.What}")));
            }

            if (hasHandled == false)
                return (QueueStatus.NotRun, $"{queue.Consumer.Name} does not run: it has handled nothing since the oldest message arrived. Check that its function is deployed and enabled.");
        }

        // A message in the dead-letter queue keeps its enqueued time, so its age is unknown: it has to be seen twice.
        return queue.StandsStill(deadLetters, now, StandsStillAfter)
            ? (QueueStatus.NotProcessed, $"the dead-letter queue of {queue.Consumer.Name} is not processed. Check that its function is deployed and enabled.")
            : (null, null);
    }

    /// <summary>Reads the traces of the consumer in the store, whichever instances run it; empty if they cannot be read.</summary>
    private async Task<(bool? HasHandled, Operations.GivenBack? Why)> TracesAsync(Consumer consumer, WaitingMessage oldest)
    {
        try
        {
            var store = stores.Of(consumer.Service);
            var why = await ConsumerTraces.WhyGivenBackAsync(store, new ConsumerName(consumer.Name), oldest.Subject is { } subject ? new Partition(subject) : null, oldest.Since, CancellationToken.None);
            return (await ConsumerTraces.HasAnyAsync(store, new ConsumerName(consumer.Name), oldest.Since, CancellationToken.None), why);
        }
        catch (Exception e) when (e is StoreUnavailableException or InvalidOperationException or CosmosException)
        {
            log.LogWarning(e, "{Consumer}: whether it runs cannot be determined.", consumer.Name);
            return (null, null);
        }
    }

    /// <summary>The queue of one consumer with its receivers, which are created once and connect when they are used.</summary>
    private sealed class Queue(Consumer consumer)
    {
        private ServiceBusReceiver? _receiver;
        private ServiceBusReceiver? _deadLetters;
        private (string? MessageId, DateTimeOffset Since) _dead;

        public Consumer Consumer => consumer;

        public ServiceBusReceiver Receiver(ServiceBusClient client) => _receiver ??= Create(client, SubQueue.None);

        public ServiceBusReceiver DeadLetterReceiver(ServiceBusClient client) => _deadLetters ??= Create(client, SubQueue.DeadLetter);

        public bool StandsStill(IReadOnlyList<WaitingMessage> dead, DateTimeOffset now, TimeSpan after)
        {
            var first = dead.Count > 0 ? dead[0].MessageId ?? "" : null;
            if (first != _dead.MessageId)
                _dead = (first, now);
            return first is not null && now - _dead.Since >= after;
        }

        private ServiceBusReceiver Create(ServiceBusClient client, SubQueue sub)
        {
            var options = new ServiceBusReceiverOptions { SubQueue = sub };
            return consumer.Name.Split('/') is [var topic, var subscription]
                ? client.CreateReceiver(topic, subscription, options)
                : client.CreateReceiver(consumer.Name, options);
        }
    }
}
