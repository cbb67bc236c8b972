using System.Net;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Feeds;
using Pipeline.Replay;
using Pipeline.Storage;
using Pipeline.Testing.Faults;

namespace Pipeline.Testing.Simulated;

/// <summary>One process: what the functions app is composed of, driven step by step.</summary>
internal class AppProcess : IAsyncDisposable
{
    private const int MaxOperations = 20_000;

    private readonly SimulatedPlatform _platform;
    private readonly ServiceProvider _provider;
    private readonly CosmosClient _cosmos;
    private readonly ConsumerDriver _consumers;

    public AppProcess(SimulatedPlatform platform, FaultPlan plan)
    {
        _platform = platform;
        Plan = plan;
        _provider = AppServices.Of(platform, plan);
        _cosmos = _provider.GetRequiredService<CosmosClient>();
        _consumers = new ConsumerDriver(platform, _provider, plan);
    }

    public FaultPlan Plan { get; }

    public IServiceProvider Services => _provider;

    public IReadOnlyCollection<Relay> Relays => _provider.GetRequiredService<Relays>().All;

    public ReplayCoordinator Replays => _provider.GetRequiredService<ReplayCoordinator>();

    public CosmosPartitionStore Store(string container) => _provider.GetRequiredService<Stores>().Of(container);

    public Container Container(string name) => _cosmos.GetContainer(_platform.Definition.Topology.Database, name);

    /// <summary>Feeds, consumes, sweeps and processes dead-letter queues until nothing is left to do, except for consumers on hold.</summary>
    public async Task RunUntilQuietAsync(params string[] onHold)
    {
        var idle = 0;
        var end = Plan.Count + MaxOperations;
        while (idle < 2)
        {
            if (Plan.Count > end)
                throw new InvalidOperationException("It never becomes quiet:\n" + string.Join('\n', Plan.Operations.TakeLast(50)));
            if (await RunOnceAsync(onHold))
            {
                idle = 0;
                continue;
            }

            _platform.Clock.Advance(TimeSpan.FromSeconds(15));
            foreach (var relay in Relays)
                await relay.SweepAsync(CancellationToken.None);
            await Replays.SweepAsync(CancellationToken.None);
            idle++;
        }
    }

    /// <summary>As <see cref="RunUntilQuietAsync"/>, and on to when delayed retries are due, until none is left or the time has come.</summary>
    public async Task RunUntilNothingIsHeldAsync(DateTimeOffset? until = null)
    {
        await RunUntilQuietAsync();
        var last = DateTimeOffset.MinValue;
        while (await NextRetryAsync() is { } due && (until is null || due <= until))
        {
            if (due <= last)
                throw new InvalidOperationException($"What was due at {due:O} was not tried again:\n" + string.Join('\n', Plan.Operations.TakeLast(50)));
            last = due;
            _platform.Clock.AdvanceTo(due);
            await RunUntilQuietAsync();
        }
    }

    /// <summary>When the next delayed retry is due; <see langword="null"/> if there is none.</summary>
    public async Task<DateTimeOffset?> NextRetryAsync() =>
        (await DeadLettersAsync(new DeadLetterFilter { Open = true, WaitingForRetry = true })).Min(d => d.RetryAt);

    /// <summary>Dead letters of all services.</summary>
    public async Task<IReadOnlyList<Client.DeadLetterDetails>> DeadLettersAsync(DeadLetterFilter filter)
    {
        var found = new List<Client.DeadLetterDetails>();
        foreach (var store in _provider.GetRequiredService<Stores>().All)
        {
            string? continuation = null;
            do
            {
                (var page, continuation) = await DeadLetterQueries.ListAsync(store, filter, DeadLetterQueries.MaxPageSize, continuation, CancellationToken.None);
                found.AddRange(page);
            }
            while (continuation is not null);
        }

        return found;
    }

    /// <summary>
    /// Hands one page of a container's change feed to its relay, as the trigger does. False if there was none; where nothing was written
    /// since that was seen last, nothing is asked: a look that finds nothing is no moment of its own to crash at.
    /// </summary>
    public async Task<bool> FeedAsync(Relay relay)
    {
        var written = _platform.LastChangeOf(relay.Name);
        if (_platform.FeedEnds.GetValueOrDefault(relay.Name, -1) == written)
            return false;
        var at = _platform.Continuations.GetValueOrDefault(relay.Name);
        using var iterator = Container(relay.Name).GetChangeFeedStreamIterator(
            at is null ? ChangeFeedStartFrom.Beginning() : ChangeFeedStartFrom.ContinuationToken(at), ChangeFeedMode.Incremental);
        using var response = await iterator.ReadNextAsync();
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            _platform.FeedEnds[relay.Name] = written;
            return false;
        }

        response.EnsureSuccessStatusCode();
        using var page = await JsonDocument.ParseAsync(response.Content);
        await relay.OnFeedAsync([.. page.RootElement.GetProperty("Documents").EnumerateArray()], CancellationToken.None);
        _platform.Continuations[relay.Name] = response.ContinuationToken;
        return true;
    }

    /// <inheritdoc cref="ConsumerDriver.ConsumeAsync"/>
    public Task<bool> ConsumeAsync(string consumer) => _consumers.ConsumeAsync(consumer);

    /// <inheritdoc cref="ConsumerDriver.TakeInAsync"/>
    public Task<bool> TakeInAsync(string consumer) => _consumers.TakeInAsync(consumer);

    /// <inheritdoc cref="ConsumerDriver.DeliverEventsAsync"/>
    public Task<bool> DeliverEventsAsync() => _consumers.DeliverEventsAsync();

    /// <inheritdoc cref="ConsumerDriver.DeliverAsync"/>
    public Task<Settlement> DeliverAsync(Consumer consumer, Pipeline.Messages.OutgoingMessage message, Azure.Messaging.CloudEvent cloudEvent) =>
        _consumers.DeliverAsync(consumer, message, cloudEvent);

    /// <summary>A dead process closes nothing: its locks stay until they run out.</summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Plan.IsDead ? ValueTask.CompletedTask : _provider.DisposeAsync();
    }

    private async Task<bool> RunOnceAsync(string[] onHold)
    {
        var progress = false;
        foreach (var relay in Relays)
            progress |= await FeedAsync(relay);
        foreach (var consumer in _platform.Definition.Consumers.Where(c => !onHold.Contains(c.Name)))
        {
            progress |= await ConsumeAsync(consumer.Name);
            progress |= await TakeInAsync(consumer.Name);
        }

        return progress | await DeliverEventsAsync();
    }
}
