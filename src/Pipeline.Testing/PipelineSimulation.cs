using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions;
using Pipeline.Client;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Messages;
using Pipeline.Replay;
using Pipeline.State;
using Pipeline.Storage;
using Pipeline.Testing.Faults;
using Pipeline.Testing.Messages;
using Pipeline.Testing.Simulated;

namespace Pipeline.Testing;

/// <summary>
/// An app in the test's process, driven step by step: its relays, consumers, dead letters and replays, on Cosmos DB, Service Bus and Event
/// Grid in memory. There is no host, no waiting, and a clock that the test moves. Not for several threads. See the page "Testing" of the documentation.
/// </summary>
public sealed class PipelineSimulation : IAsyncDisposable
{
    private readonly SimulatedPlatform _platform;
    private readonly TestMessages _messages;
    private AppProcess _process;

    internal PipelineSimulation(PipelineDefinition definition, PipelineSimulationOptions options, FaultPlan plan)
    {
        _platform = new SimulatedPlatform(definition, options);
        _messages = new TestMessages(_platform.Clock);
        try
        {
            _process = new AppProcess(_platform, plan);
        }
        catch
        {
            _platform.Dispose();
            throw;
        }
    }

    /// <summary>Gets the clock of everything.</summary>
    public SimulationClock Clock => _platform.Clock;

    /// <summary>Gets the services of the app: command runners, gateways, stores. Another provider after <see cref="Crash"/>.</summary>
    public IServiceProvider Services => _process.Services;

    internal FaultPlan Plan => _process.Plan;

    private MessageCatalog Catalog => Services.GetRequiredService<MessageCatalog>();

    /// <summary>
    /// Gets what is missing or does not fit together in what the app brings, as the start of the deployed app would report it; empty if all is
    /// well. <c>pipeline generate</c> adds most of it, so that a test of this finds a consumer or a record for which it was forgotten. The
    /// functions are checked if <see cref="PipelineDefinition.Functions"/> is set.
    /// </summary>
    /// <returns>An error each, with what to do.</returns>
    public IReadOnlyList<string> WiringErrors() =>
        ActivatorUtilities.CreateInstance<WiringCheck>(Services, Services.GetRequiredService<IServiceProviderIsService>())
            .Errors(WiringCheck.FunctionsOf(_platform.Definition));

    /// <summary>Composes an app on a platform of its own.</summary>
    /// <param name="definition">What the app brings, as for <c>AddPipeline</c>.</param>
    /// <param name="options">Adds gateways and command runners, replaces services, sets settings. Default: nothing.</param>
    /// <exception cref="InvalidOperationException">Something is missing, a gateway say; the message lists it.</exception>
    public static PipelineSimulation Create(PipelineDefinition definition, Action<PipelineSimulationOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new(definition, OptionsOf(options), new FaultPlan());
    }

    /// <summary>
    /// Runs a scenario with a process that is killed before the first I/O operation (a request to Cosmos DB, a message that is sent or
    /// settled, a call of a gateway), then again with one that is killed after the first, after the second, and so on to the last; not after
    /// a read, which leaves what was there before. Each time another process repeats the scenario on what the first has left, and the check
    /// runs. The scenario is what a caller would repeat: commands with the same idempotency keys, and deliveries, which have the same ids
    /// the second time.
    /// </summary>
    /// <param name="definition">What the app brings.</param>
    /// <param name="scenario">What happens. It ends with <see cref="RunUntilQuietAsync"/>, or the effect is not checked.</param>
    /// <param name="check">Throws if something is not as it must be.</param>
    /// <param name="options">As in <see cref="Create"/>; called for each run, so what it makes is new for each run and survives the crash.</param>
    /// <returns>How many crashes there were, and where.</returns>
    /// <exception cref="CrashCheckException">The scenario or the check failed; the message says after which operation the process was killed.</exception>
    public static Task<CrashReport> CrashEverywhereAsync(
        PipelineDefinition definition, Func<PipelineSimulation, Task> scenario, Func<PipelineSimulation, Task> check, Action<PipelineSimulationOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(check);
        return new CrashRuns(plan => new PipelineSimulation(definition, OptionsOf(options), plan), scenario, check).RunAsync();
    }

    /// <summary>
    /// Delivers one message to one consumer, as the sender's relay would: a CloudEvent with the next sequence of its source and subject.
    /// What waits before it in its session is handled first. Nothing else runs; <see cref="RunUntilQuietAsync"/> continues.
    /// </summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="message">The record of an event, command or reply.</param>
    /// <param name="attributes">Attributes of the event. Default: as described there.</param>
    /// <returns>What the consumer did with it.</returns>
    /// <exception cref="ArgumentException">The record is not in the catalog, breaks its contract, or the consumer has no handler for it.</exception>
    public Task<DeliveredMessage> DeliverAsync(Consumer consumer, object message, EventAttributes? attributes = null)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        ArgumentNullException.ThrowIfNull(message);
        var type = CatalogLookup.TypeFor(consumer, _platform.Definition.Consumers, Catalog, message.GetType());
        return DeliverAsync(consumer, _messages.Of(type, message, attributes ?? new()));
    }

    /// <summary>Delivers a message again, with the same id and sequence, as Service Bus may.</summary>
    /// <param name="delivered">What <see cref="DeliverAsync(Consumer, object, EventAttributes?)"/> returned.</param>
    /// <returns>What the consumer did with it this time.</returns>
    public Task<DeliveredMessage> DeliverAgainAsync(DeliveredMessage delivered)
    {
        ArgumentNullException.ThrowIfNull(delivered);
        return DeliverAsync(delivered.Consumer, delivered.Message);
    }

    /// <summary>
    /// Runs relays, consumers, dead-letter processing and replays until nothing is left to do. At its end the recovery sweeps run twice, for
    /// which the clock moves on by 30 seconds in all.
    /// </summary>
    /// <exception cref="InvalidOperationException">It does not become quiet; the message has the last operations.</exception>
    public Task RunUntilQuietAsync() => _process.RunUntilQuietAsync();

    /// <summary>Moves the time on, stops at each moment at which a delayed retry or a scheduled message is due, and runs until quiet there.</summary>
    /// <param name="by">How far.</param>
    public async Task AdvanceAsync(TimeSpan by)
    {
        var end = Clock.GetUtcNow() + by;
        await RunUntilQuietAsync();
        while (await NextDueAsync() is { } due && due <= end)
        {
            Clock.AdvanceTo(due);
            await RunUntilQuietAsync();
        }

        Clock.AdvanceTo(end);
        await RunUntilQuietAsync();
    }

    /// <summary>Kills the process as by <c>kill -9</c> and starts another one. The time moves on by 61 seconds, after which the locks of the first have expired.</summary>
    public void Crash()
    {
        Plan.Kill();
        Restart(new FaultPlan());
    }

    /// <summary>Gets what the app has sent of one contract, in the order in which it was sent. What a test delivers and what is replayed is not in it.</summary>
    /// <typeparam name="T">The record of the event, command or reply.</typeparam>
    /// <exception cref="ArgumentException">The record is not in the catalog.</exception>
    public IReadOnlyList<PublishedMessage<T>> Published<T>()
        where T : class =>
        PublishedMessages.Of<T>(_platform.Sent.All, Catalog, _platform.Payloads.Find);

    /// <summary>Reads a state.</summary>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="state">How it is stored.</param>
    /// <param name="service">The service that it belongs to.</param>
    /// <param name="partition">The partition: the ordering key of the messages that it is made of.</param>
    /// <exception cref="InvalidOperationException">The partition has no state; the message lists those that have.</exception>
    public async Task<TState> StateAsync<TState>(StateModel<TState> state, string service, string partition)
        where TState : class =>
        await FindStateAsync(state, service, partition) ?? throw new InvalidOperationException(
            $"'{partition}' of '{service}' has no {typeof(TState).Name}. Partitions of '{service}' that something was written to: {CatalogLookup.Names(await PartitionsAsync(service))}.");

    /// <summary>As <see cref="StateAsync"/>; <see langword="null"/> if the partition has no state.</summary>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="state">How it is stored.</param>
    /// <param name="service">The service that it belongs to.</param>
    /// <param name="partition">The partition.</param>
    /// <exception cref="ArgumentException">There is no such service.</exception>
    public async Task<TState?> FindStateAsync<TState>(StateModel<TState> state, string service, string partition)
        where TState : class
    {
        ArgumentNullException.ThrowIfNull(state);
        var services = _platform.Definition.Services;
        if (!services.Contains(service, StringComparer.Ordinal))
            throw new ArgumentException($"There is no service '{service}'. There are {CatalogLookup.Names(services)}.", nameof(service));
        var runner = new CommandRunner<TState>(_process.Store(service), state, Services.GetRequiredService<ConsumerServices>());
        return (await runner.ReadAsync(partition, CancellationToken.None)).State;
    }

    /// <summary>Gets the open dead letters of all services, as operators see them, without their bodies.</summary>
    /// <param name="filter">Which ones. Default: all that are open.</param>
    public Task<IReadOnlyList<DeadLetterDetails>> DeadLettersAsync(DeadLetterFilter? filter = null) =>
        _process.DeadLettersAsync(filter ?? new DeadLetterFilter { Open = true });

    /// <summary>Plans a replay, applies it and runs until quiet, as an operator does after the cause of the failures was removed.</summary>
    /// <param name="selection">Which dead letters. Default: all.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="InvalidOperationException">It was refused; the message says why.</exception>
    public async Task<ReplaySummary> ReplayAsync(DeadLetterFilter? selection = null)
    {
        var plan = await _process.Replays.PlanAsync(new ReplayRequest { Selection = selection ?? new(), Rate = ReplayRequest.MaxRate }, CancellationToken.None);
        var applied = plan.Value is { } planned ? await _process.Replays.ApplyAsync(planned.ReplayId, CancellationToken.None) : plan;
        if (!applied.TryGet(out var replay, out var refusal))
            throw new InvalidOperationException($"The replay was refused: {refusal}");
        await RunUntilQuietAsync();
        return (await _process.Replays.FindAsync(replay.ReplayId, CancellationToken.None))!;
    }

    /// <summary>Ends the process and the platform.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _platform.Dispose();
    }

    /// <summary>Starts another process after the locks of the dead one have expired, and delivers the same messages again from the first.</summary>
    internal void Restart(FaultPlan plan)
    {
        Clock.Advance(TimeSpan.FromSeconds(61));
        _messages.Restart();
        _process = new AppProcess(_platform, plan);
    }

    private static PipelineSimulationOptions OptionsOf(Action<PipelineSimulationOptions>? options)
    {
        var chosen = new PipelineSimulationOptions();
        options?.Invoke(chosen);
        return chosen;
    }

    private async Task<DeliveredMessage> DeliverAsync(Consumer consumer, TestMessage message) =>
        new(consumer, message, await _process.DeliverAsync(consumer, _messages.To(consumer.Name, message), message.Event));

    private async Task<DateTimeOffset?> NextDueAsync()
    {
        var now = Clock.GetUtcNow();
        var scheduled = _platform.Sent.All.Select(m => m.NotBefore).Where(due => due > now).Min();
        var retry = (await _process.DeadLettersAsync(new DeadLetterFilter { Open = true, WaitingForRetry = true })).Select(d => d.RetryAt).Where(due => due > now).Min();
        return scheduled is null || retry < scheduled ? retry : scheduled;
    }

    private async Task<IReadOnlyList<string>> PartitionsAsync(string service)
    {
        using var read = await _process.Store(service).QueryAsync(StoreQueries.Heads(), null, null, CancellationToken.None);
        return [.. read.Records.Select(i => i.GetProperty("pk").GetString()!)];
    }
}
