using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.Feeds;
using Pipeline.Messages;
using Pipeline.Operations;
using Pipeline.Replay;
using Pipeline.State;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>
/// Consumers that note the sequences they handle and fail where a test says so, on the real store, ledger and relay.
/// The broker is a list of messages by the time they may be delivered: time jumps from one to the next.
/// </summary>
internal sealed class ReplayRig : IAsyncDisposable
{
    public const string Consumer = "bookings/rooms";

    private readonly Simulation _simulation = new();
    private readonly PriorityQueue<OutgoingMessage, (DateTimeOffset, int)> _waiting = new();
    private readonly Dictionary<string, DateTimeOffset> _ids = new(StringComparer.Ordinal);
    private SimulatedProcess _process;
    private int _count;

    /// <param name="plan">Where the process dies.</param>
    /// <param name="services">The services with a consumer each, named <c>bookings/SERVICE</c>; Rooms alone if not given.</param>
    public ReplayRig(FaultPlan? plan = null, params string[] services)
    {
        Services = services.Length > 0 ? services : [Names.Rooms];
        _simulation.Configure = collection =>
        {
            collection.RemoveAll<Consumer>();
            foreach (var service in Services)
            {
                var consumer = $"bookings/{service}";
                collection.AddSingleton<Consumer>(Consumers.Consumer
                    .Of(consumer, service, new DocumentState<Seen>((JsonTypeInfo<Seen>)JsonSerializerOptions.Web.GetTypeInfo(typeof(Seen))))
                    .On<BookingMade>((seen, _, context) => Handle(consumer, seen, context)));
            }

            collection.AddSingleton<IMessageSender>(new Sender(this));
        };
        _process = _simulation.Start(plan);
    }

    /// <summary>The services with a consumer each; after a restart, if they change.</summary>
    public IReadOnlyList<string> Services { get; set; }

    /// <summary>Which message fails for good, by subject and sequence.</summary>
    public Func<string, long, bool> Fails { get; set; } = (_, _) => true;

    /// <summary>Sees every handling before it decides, and may throw.</summary>
    public Action<string, Seen?, HandlerContext> OnHandle { get; set; } = (_, _, _) => { };

    /// <summary>What the broker refuses for good.</summary>
    public Func<OutgoingMessage, bool> IsRefused { get; set; } = _ => false;

    /// <summary>All that was sent: when it may be delivered at the earliest, and what it was.</summary>
    public List<(DateTimeOffset At, OutgoingMessage Message)> Sent { get; } = [];

    /// <summary>The most messages that waited in the broker at one time.</summary>
    public int MostWaiting { get; private set; }

    public ReplayCoordinator Replays => _process.Replays;

    public SimulatedProcess Process => _process;

    public CosmosPartitionStore Store => _process.Store(Names.Rooms);

    public DateTimeOffset Now => Clock.GetUtcNow();

    public SimulationClock Clock => _simulation.Clock;

    private IEnumerable<Relay> Relays => _process.Relays.Where(r => Services.Contains(r.Name));

    public static ReceivedMessage Message(string subject, long sequence) =>
        Deliveries.Of(new BookingMade(subject, "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), sequence);

    /// <summary>Fills the ledger: that many messages of each subject, the first of which fails.</summary>
    public async Task FillAsync(int subjects, int messages)
    {
        for (var subject = 1; subject <= subjects; subject++)
        {
            for (var sequence = 1; sequence <= messages; sequence++)
                Assert.Equal(SettlementKind.DeadLetter, (await HandleAsync(Message(Invariant($"b-{subject}"), sequence))).Kind);
        }
    }

    public Task<Settlement> HandleAsync(ReceivedMessage delivery, string consumer = Consumer) =>
        _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, default);

    public Task<ReplaySummary> PlanAsync(int rate = ReplayRequest.MaxRate, int maxFailed = 0, DeadLetterFilter? selection = null) =>
        TryPlanAsync(rate, maxFailed, selection).AllowedAsync();

    public Task<Refusable<ReplaySummary>> TryPlanAsync(int rate = ReplayRequest.MaxRate, int maxFailed = 0, DeadLetterFilter? selection = null) => Replays.PlanAsync(
        new ReplayRequest { Selection = selection ?? new DeadLetterFilter { Consumer = Consumer }, Rate = rate, MaxFailed = maxFailed, By = "ann", Why = "mended" }, default);

    /// <summary>All that is stored, document by document.</summary>
    public Task<IReadOnlyList<string>> SnapshotAsync() => StoreSnapshot.TakeAsync(_simulation, _process);

    /// <summary>Feeds and delivers until nothing is left to do, or until a test has seen enough.</summary>
    public async Task RunAsync(Func<Task<bool>>? until = null)
    {
        var idle = 0;
        while (idle < 3)
        {
            if (until is not null && await until())
                return;
            if (await FeedAsync())
            {
                idle = 0;
            }
            else if (_waiting.TryPeek(out var message, out var due))
            {
                // Gone only once it is settled: whoever dies before gets it again.
                if (due.Item1 > Now)
                    _simulation.Clock.Advance(due.Item1 - Now);
                await DeliverAsync(message);
                _waiting.Dequeue();
                idle = 0;
            }
            else
            {
                _simulation.Clock.Advance(TimeSpan.FromSeconds(30));
                foreach (var relay in Relays)
                    await relay.SweepAsync(default);
                await Replays.SweepAsync(default);
                idle++;
            }
        }
    }

    /// <summary>Delivers the message that is due next, and feeds nothing.</summary>
    public async Task DeliverNextAsync()
    {
        var message = _waiting.Dequeue();
        await DeliverAsync(message);
    }

    /// <summary>The process died; another one goes on with what it left. What the broker has, it keeps.</summary>
    public void Restart() => _process = _simulation.Restart();

    public async Task<IReadOnlyList<long>> SeenAsync(string subject, string service = Names.Rooms)
    {
        using var read = await _process.Store(service).ReadItemsAsync(new Partition(subject), [Ids.State], default);
        return read.Find(Ids.State)?.GetProperty("data").GetProperty("sequences").EnumerateArray().Select(s => s.GetInt64()).ToList() ?? [];
    }

    /// <summary>Open ledger entries, held or not.</summary>
    public async Task<int> OpenAsync() => await ContainerStatusReader.ReadAsync(Store, _simulation.Clock, default) is var status ? status.OpenDeadLetters + status.WaitingForRetry : 0;

    public async Task<ReplaySummary> ViewAsync(string replayId) => (await Replays.FindAsync(replayId, default))!;

    public async Task<IReadOnlyList<ReplaySubject>> SubjectsAsync(string replayId)
    {
        var all = new List<ReplaySubject>();
        string? continuation = null;
        do
        {
            (var items, continuation) = await Replays.SubjectsAsync(replayId, 100, continuation, default);
            all.AddRange(items);
        }
        while (continuation is not null);
        return all;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    private async Task<bool> FeedAsync()
    {
        var progress = false;
        foreach (var relay in Relays)
            progress |= await _process.FeedAsync(relay);
        return progress;
    }

    private async Task DeliverAsync(OutgoingMessage message)
    {
        var settlement = await _process.Plan.RunAsync("deliver", () => HandleAsync(
            new ReceivedMessage
            {
                Body = message.Body,
                SessionId = message.SessionId,
                MessageId = message.MessageId,
                DeliveryCount = 1,
                Properties = message.Properties ?? new Dictionary<string, string>(),
            },
            message.ReplayFor));
        Assert.Equal(SettlementKind.Complete, settlement.Kind);
    }

    private Decision<Seen> Handle(string consumer, Seen? seen, HandlerContext context)
    {
        OnHandle(consumer, seen, context);
        if (Fails(context.Partition, context.Sequence!.Value))
            throw new PermanentFailureException("The hotel is closed.");
        return Decision<Seen>.Save(new Seen([.. seen?.Sequences ?? [], context.Sequence!.Value]));
    }

    private void Take(OutgoingMessage message)
    {
        // Duplicate detection, as the broker has it.
        var at = message.NotBefore ?? Now;
        if (_ids.TryGetValue(message.MessageId, out var before) && Now - before < TimeSpan.FromMinutes(10))
            return;
        _ids[message.MessageId] = Now;
        Sent.Add((at, message));
        _waiting.Enqueue(message, (at, ++_count));
        MostWaiting = Math.Max(MostWaiting, _waiting.Count);
    }

    internal sealed record Seen(IReadOnlyList<long> Sequences);

    private sealed class Sender(ReplayRig rig) : IMessageSender
    {
        public Task SendAsync(string destination, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
            rig._process.Plan.RunAsync(
                "send " + destination,
                () =>
                {
                    if (messages.Any(rig.IsRefused))
                        throw new MessageRefusedException("The broker takes no such message.");

                    // Replays of different subjects go on side by side.
                    lock (rig._ids)
                    {
                        foreach (var message in messages)
                            rig.Take(message);
                    }

                    return Task.FromResult(true);
                });
    }
}
