using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>A gateway that fails for everybody: its breaker opens, and what needs it is held without using up its retries.</summary>
public sealed class GatewayBreakerTests : IAsyncLifetime
{
    private const string Consumer = "bookings/charges";

    private static readonly GatewayBreakerOptions Quick = new() { MinimumThroughput = 6, BreakDuration = TimeSpan.FromSeconds(15) };

    private readonly Simulation _simulation = new();
    private readonly FailingGateway _gateway = new(failing: true) { IsPermanent = false };
    private SimulatedProcess _process = null!;

    private CosmosPartitionStore Store => _process.Store(Names.Charges);

    public async Task InitializeAsync()
    {
        _simulation.Configure = services =>
        {
            services.AddSingleton<IChargeGateway>(p => _gateway.Over(
                new SimulatedChargeGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), _simulation.Clock)));
            services.Replace(ServiceDescriptor.Singleton(Quick));
        };

        // The rooms are reserved, so that BookingMade leads to a call; by another instance, whose breaker counts it.
        await using (var other = _simulation.Start())
        {
            for (var i = 1; i <= 10; i++)
                await other.Services.GetRequiredService<ConsumerRunners>().RunnerOf("rooms/charges").HandleAsync(Deliveries.Of(new RoomsReserved(Invariant($"b-{i}")), 3, "rooms"), default);
        }

        _process = _simulation.Start();
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public async Task An_open_breaker_holds_messages_without_a_call_and_without_using_up_their_retries_until_it_closes()
    {
        await OpenBreakerAsync(_process);
        var calls = _gateway.Calls;
        var now = _simulation.Clock.GetUtcNow();

        Assert.Equal(DeadLetterReasons.GatewayUnavailable, (await MadeAsync(_process, 9)).Reason);

        Assert.Equal(calls, _gateway.Calls);
        var entry = (await OpenAsync()).Single(e => e.Partition == "b-9");
        Assert.Equal(("waitingForRetry", 0, DeadLetterReasons.GatewayUnavailable), (entry.Status, entry.Retries, entry.Reason));
        Assert.InRange(entry.RetryAt!.Value - now, TimeSpan.FromSeconds(10), Quick.BreakDuration * 2);

        // For an hour it is held again and again; a few trials of a half-open breaker are all that the gateway sees of it.
        await _process.RunUntilNothingIsHeldAsync(now + TimeSpan.FromHours(1));
        entry = (await OpenAsync()).Single(e => e.Partition == "b-9");
        Assert.Equal("waitingForRetry", entry.Status);
        Assert.InRange(entry.Retries, 0, new RetrySchedule().Attempts - 4);
        Assert.True(entry.Attempt > entry.Retries);

        _gateway.Lift();
        await _process.RunUntilNothingIsHeldAsync();
        Assert.Empty(await OpenAsync());
        var handled = (await Invariants.AllAsync(_process.Container(Names.Charges), RecordKinds.Inbox)).Where(r => r.GetProperty("consumer").GetString() == Consumer);
        Assert.Equal(3, handled.Count());
        Assert.Equal(SettlementKind.Complete, (await MadeAsync(_process, 10)).Kind);
    }

    [Fact]
    public async Task Each_instance_has_a_breaker_of_its_own_and_a_message_may_be_held_by_either()
    {
        await using var other = _simulation.Start();
        await OpenBreakerAsync(_process);
        var calls = _gateway.Calls;
        Assert.Equal(DeadLetterReasons.TransientFailure, (await MadeAsync(other, 8)).Reason);
        Assert.True(_gateway.Calls > calls);
        Assert.Equal(DeadLetterReasons.GatewayUnavailable, (await MadeAsync(_process, 9)).Reason);

        _gateway.Lift();
        Assert.Equal(SettlementKind.Complete, (await MadeAsync(other, 10)).Kind);
        await other.RunUntilNothingIsHeldAsync();
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task The_retries_of_one_broken_room_open_no_breaker()
    {
        var log = NullLogger<GatewayBreakers>.Instance;
        var breakers = new GatewayBreakers(Quick, _simulation.Clock, log);
        for (var i = 0; i < 30; i++)
            await Assert.ThrowsAsync<TimeoutException>(() => FailAsync(breakers, isRetry: true));
        Assert.Equal(1, await breakers.RunAsync(typeof(IChargeGateway), false, _ => Task.FromResult(1), default));

        // And neither do its first failures among those that work: four of five have to fail.
        for (var i = 0; i < 30; i++)
        {
            await breakers.RunAsync(typeof(IChargeGateway), false, _ => Task.FromResult(1), default);
            await Assert.ThrowsAsync<TimeoutException>(() => FailAsync(breakers, isRetry: false));
        }
    }

    [Fact]
    public async Task A_trial_decides_and_another_gateway_is_not_concerned()
    {
        var breakers = new GatewayBreakers(Quick, _simulation.Clock, NullLogger<GatewayBreakers>.Instance);
        for (var i = 0; i < Quick.MinimumThroughput; i++)
            await Assert.ThrowsAsync<TimeoutException>(() => FailAsync(breakers, isRetry: false));
        await Assert.ThrowsAsync<GatewayUnavailableException>(() => FailAsync(breakers, isRetry: false));
        Assert.Equal(1, await breakers.RunAsync(typeof(string), false, _ => Task.FromResult(1), default));

        // A retry that fails in the trial keeps it open, one that works closes it.
        _simulation.Clock.Advance(Quick.BreakDuration);
        await Assert.ThrowsAsync<TimeoutException>(() => FailAsync(breakers, isRetry: true));
        var open = await Assert.ThrowsAsync<GatewayUnavailableException>(() => FailAsync(breakers, isRetry: true));
        Assert.InRange(open.RetryAfter, TimeSpan.FromSeconds(1), Quick.BreakDuration);
        _simulation.Clock.Advance(Quick.BreakDuration);
        Assert.Equal(1, await breakers.RunAsync(typeof(IChargeGateway), true, _ => Task.FromResult(1), default));
        Assert.Equal(2, await breakers.RunAsync(typeof(IChargeGateway), true, _ => Task.FromResult(2), default));
    }

    [Theory]
    [InlineData(typeof(PermanentFailureException))]
    [InlineData(typeof(ArgumentException))]
    [InlineData(typeof(StoreUnavailableException))]
    [InlineData(typeof(CommitTooLargeException))]
    [InlineData(typeof(NullReferenceException))]
    [InlineData(typeof(InvalidOperationException))]
    public async Task What_is_not_the_gateways_does_not_count(Type failure)
    {
        var breakers = new GatewayBreakers(Quick, _simulation.Clock, NullLogger<GatewayBreakers>.Instance);
        var e = (Exception)(failure.GetConstructor([typeof(string), typeof(Exception)])?.Invoke(["planted", null]) ?? Activator.CreateInstance(failure, "planted")!);
        for (var i = 0; i < 30; i++)
            await Assert.ThrowsAsync(failure, () => breakers.RunAsync<int>(typeof(IChargeGateway), false, _ => throw e, default));

        using var ended = new CancellationTokenSource();
        await ended.CancelAsync();
        for (var i = 0; i < 30; i++)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => breakers.RunAsync<int>(typeof(IChargeGateway), false, token => Task.FromCanceled<int>(token), ended.Token));
        Assert.Equal(1, await breakers.RunAsync(typeof(IChargeGateway), false, _ => Task.FromResult(1), default));
    }

    private static Task<int> FailAsync(GatewayBreakers breakers, bool isRetry) =>
        breakers.RunAsync<int>(typeof(IChargeGateway), isRetry, _ => throw new TimeoutException("planted"), default);

    /// <summary>Two messages with three calls each.</summary>
    private static async Task OpenBreakerAsync(SimulatedProcess process)
    {
        for (var i = 1; i <= 2; i++)
            Assert.Equal(DeadLetterReasons.TransientFailure, (await MadeAsync(process, i)).Reason);
    }

    private static Task<Settlement> MadeAsync(SimulatedProcess process, int number) =>
        process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(Consumer).HandleAsync(
            Deliveries.Of(new BookingMade(Invariant($"b-{number}"), "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), 1), default);

    private async Task<IReadOnlyList<DeadLetterDetails>> OpenAsync() => (await DeadLetterQueries.ListAsync(Store, new DeadLetterFilter { Open = true }, 100, null, default)).Items;
}
