using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>
/// Shows what the replay of a subject would do. The consumer's own runner handles what the replay would send, one after the
/// other; only what it stands on differs: a store that keeps all writes in memory, a payload store that takes none, and
/// dry-run gateways for the gateways. Nothing is written, sent or counted anywhere.
/// </summary>
public sealed class DryRun
{
    /// <summary>Entries that are looked at by default.</summary>
    public const int DefaultSteps = 50;

    /// <summary>The most entries that are looked at.</summary>
    public const int MaxSteps = 500;

    /// <summary>The most changes of one partition's state that a step shows.</summary>
    public const int MaxChanges = 100;

    /// <summary>How long it continues before it leaves the rest: callers wait 30 seconds for an answer.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(15);

    private readonly ConsumerServices _services;
    private readonly IReadOnlyList<DryRunGateway> _gateways;
    private readonly TimeProvider _clock;

    /// <summary>Creates it.</summary>
    /// <param name="services">What the consumers share; a dry run tries once, and waits for nothing. Its gateways may only be asked for what was done before.</param>
    /// <param name="gateways">One for each gateway.</param>
    public DryRun(ConsumerServices services, IEnumerable<DryRunGateway> gateways)
    {
        ArgumentNullException.ThrowIfNull(services);
        _clock = services.Clock;
        _gateways = [.. gateways];
        _services = services with
        {
            ClaimCheck = services.ClaimCheck.ReadOnly(),
            Options = services.Options with
            {
                MaxDeliveries = 1,
                AttemptsPerDelivery = 1,
                FirstPause = TimeSpan.Zero,
                FirstRedeliveryPause = TimeSpan.Zero,
                LongestRedeliveryPause = TimeSpan.Zero,
                StoreOutageTimeout = TimeSpan.FromTicks(-1),
            },
        };
    }

    /// <summary>Runs what the replay of a subject would send, from its blocked entry on, until one fails or none is left.</summary>
    /// <param name="store">The container of the consumer.</param>
    /// <param name="consumer">The consumer. Of one that takes messages in any order, the entry goes by itself.</param>
    /// <param name="partition">The subject.</param>
    /// <param name="entryId">The entry that blocks the subject.</param>
    /// <param name="maxSteps">The most entries to look at, 1 to <see cref="MaxSteps"/>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>What it would do; refused if a replay could not start there: the entry is closed, waits behind another one, or is never replayed.</returns>
    /// <exception cref="StoreUnavailableException">A store is unavailable; running it again is safe.</exception>
    public async Task<Refusable<DryRunDetails>> RunAsync(
        CosmosPartitionStore store, Consumer consumer, Partition partition, DeadLetterId entryId, int maxSteps, CancellationToken cancellationToken)
    {
        string? before;
        using (var read = await store.ReadAsync(partition, _ => [entryId.Value], cancellationToken))
        {
            before = read.Head.ETag;
            if (RefusalOf(consumer, read.Head, read.Find(entryId, DeadLetterJson.Default.DeadLetter), entryId) is { } refusal)
                return Refusable<DryRunDetails>.Refused(refusal);
        }

        var line = new DryRunSession(store, consumer, partition, _services, log => new DryRunGateways(_gateways, _services.Gateways, log));
        var steps = new List<DryRunStep>();
        var started = _clock.GetTimestamp();
        var next = (DeadLetterId?)entryId;
        while (next is { } deadLetterId && steps.Count < Math.Clamp(maxSteps, 1, MaxSteps) && _clock.GetElapsedTime(started) < Budget)
        {
            steps.Add(await line.StepAsync(deadLetterId, cancellationToken));
            if (steps[^1].Outcome is DryRunOutcomes.Failed or DryRunOutcomes.Unknown)
                break;
            next = await line.NextAsync(cancellationToken);
        }

        var isStuck = steps[^1].Outcome is DryRunOutcomes.Failed or DryRunOutcomes.Unknown;
        var open = await line.OpenAsync(cancellationToken);
        using var after = await store.ReadAsync(partition, _ => [], cancellationToken);
        return new DryRunDetails
        {
            Container = store.Name,
            Partition = partition.Value,
            Consumer = consumer.Name,
            Steps = steps,
            NotReached = isStuck ? Math.Max(0, open - 1) : open,
            LimitReached = !isStuck && next is not null,
            MovedOn = after.Head.ETag != before,
        };
    }

    private static string? RefusalOf(Consumer consumer, PartitionHead head, DeadLetter? entry, DeadLetterId entryId)
    {
        if (entry is not { Open: true } || entry.Consumer.Value != consumer.Name)
            return $"'{entryId}' is no open entry of '{consumer.Name}', so nothing would be replayed.";
        if (entry.Reason is DeadLetterReasons.Expired or DeadLetterReasons.OutOfOrder)
            return $"'{entryId}' is {entry.Reason}: nothing tells whether it was handled, so it is never replayed.";
        if (consumer.IsUnordered)
            return null;
        if (!entry.InOrder)
            return $"'{entryId}' has no position in its subject, so no replay sends it.";
        return head.PositionOf(entry.Consumer).Blocked is { } blocked && blocked != entryId
            ? $"It waits behind '{blocked}', which is replayed first: dry-run that one."
            : null;
    }
}
