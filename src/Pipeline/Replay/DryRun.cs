using Microsoft.Extensions.Logging;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Messages;
using Pipeline.Storage;
using Pipeline.Payloads;

namespace Pipeline.Replay;

/// <summary>
/// Shows what the replay of a subject would do. The consumer's own runner handles what the replay would send, one after the
/// other; only what it stands on differs: a store that keeps all writes in memory, a payload store that takes none, and
/// stand-ins for the gateways. Nothing is written, sent or counted anywhere.
/// </summary>
public sealed class DryRun
{
    /// <summary>Entries that are looked at if nobody says otherwise.</summary>
    public const int DefaultSteps = 50;

    /// <summary>The most entries that are looked at.</summary>
    public const int MaxSteps = 500;

    /// <summary>The most changes of one partition's state that a step shows.</summary>
    public const int MaxChanges = 100;

    /// <summary>How long it goes on before it leaves the rest: callers wait 30 seconds for an answer.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(15);

    private readonly MessageCatalog _catalog;
    private readonly ConsumerOptions _options;
    private readonly ClaimCheck _claimCheck;
    private readonly IServiceProvider _gateways;
    private readonly IReadOnlyList<DryRunGateway> _standIns;
    private readonly TimeProvider _clock;
    private readonly Random _random;

    /// <summary>Creates it.</summary>
    /// <param name="catalog">All messages.</param>
    /// <param name="options">Those of the consumers; a dry run tries once, and waits for nothing.</param>
    /// <param name="claimCheck">Where large data is read from.</param>
    /// <param name="gateways">The real gateways, which stand-ins may ask for what was done before.</param>
    /// <param name="standIns">One for each gateway.</param>
    /// <param name="clock">The time that the handlers are told.</param>
    /// <param name="random">Spreads the retries of reads.</param>
    public DryRun(
        MessageCatalog catalog,
        ConsumerOptions options,
        ClaimCheck claimCheck,
        IServiceProvider gateways,
        IEnumerable<DryRunGateway> standIns,
        TimeProvider clock,
        Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(claimCheck);
        _catalog = catalog;
        _options = options with
        {
            MaxDeliveries = 1,
            AttemptsPerDelivery = 1,
            FirstPause = TimeSpan.Zero,
            FirstRedeliveryPause = TimeSpan.Zero,
            LongestRedeliveryPause = TimeSpan.Zero,
            StoreOutageTimeout = TimeSpan.FromTicks(-1),
        };
        _claimCheck = claimCheck.ReadOnly();
        _gateways = gateways;
        _standIns = [.. standIns];
        _clock = clock;
        _random = random;
    }

    /// <summary>Runs what the replay of a subject would send, from its blocked entry on, until one fails or none is left.</summary>
    /// <param name="store">The container of the consumer.</param>
    /// <param name="consumer">The consumer. Of one that takes messages in any order, the entry goes by itself.</param>
    /// <param name="partition">The subject.</param>
    /// <param name="entryId">The entry that blocks the subject.</param>
    /// <param name="maxSteps">The most entries to look at, 1 to <see cref="MaxSteps"/>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ReplayRefusedException">A replay could not start there: the entry is closed, waits behind another one, or is never replayed.</exception>
    /// <exception cref="StoreUnavailableException">A store is out of reach; running it again is safe.</exception>
    public async Task<DryRunDetails> RunAsync(
        PartitionStore store, Consumer consumer, string partition, string entryId, int maxSteps, CancellationToken cancellationToken)
    {
        string? before;
        using (var read = await store.ReadAsync(partition, _ => [entryId], cancellationToken))
        {
            before = read.Head.ETag;
            ThrowIfRefused(consumer, read.Head, read.Find(entryId, RecordJson.Default.DeadLetter), entryId);
        }

        var line = new DryRunSession(store, consumer, partition, NewRunner);
        var steps = new List<DryRunStep>();
        var started = _clock.GetTimestamp();
        var next = (string?)entryId;
        while (next is not null && steps.Count < Math.Clamp(maxSteps, 1, MaxSteps) && _clock.GetElapsedTime(started) < Budget)
        {
            steps.Add(await line.StepAsync(next, cancellationToken));
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
            Partition = partition,
            Consumer = consumer.Name,
            Steps = steps,
            NotReached = isStuck ? Math.Max(0, open - 1) : open,
            LimitReached = !isStuck && next is not null,
            MovedOn = after.Head.ETag != before,
        };
    }

    private static void ThrowIfRefused(Consumer consumer, PartitionHead head, DeadLetter? entry, string entryId)
    {
        if (entry is not { Open: true } || entry.Consumer != consumer.Name)
            throw new ReplayRefusedException($"'{entryId}' is no open entry of '{consumer.Name}', so nothing would be replayed.");
        if (entry.Reason is DeadLetterReasons.Expired or DeadLetterReasons.OutOfOrder)
            throw new ReplayRefusedException($"'{entryId}' is {entry.Reason}: nothing tells whether it was handled, so it is never replayed.");
        if (consumer.IsUnordered)
            return;
        if (!entry.InOrder)
            throw new ReplayRefusedException($"'{entryId}' does not stand in its subject's line, so no replay sends it.");
        if (head.Of(consumer.Name).Blocked is { } blocked && blocked != entryId)
            throw new ReplayRefusedException($"It waits behind '{blocked}', which is replayed first: dry-run that one.");
    }

    private ConsumerRunner NewRunner(Consumer consumer, PartitionStore overlaid, GatewayLog log, ILogger<ConsumerRunner> notes, out DryRunGateways standIns)
    {
        standIns = new DryRunGateways(_standIns, _gateways, log);
        return new ConsumerRunner(consumer, overlaid, _catalog, _options, _claimCheck, standIns, breakers: null, _clock, _random, notes);
    }
}
