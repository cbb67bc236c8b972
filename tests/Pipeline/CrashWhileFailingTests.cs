using Microsoft.Extensions.DependencyInjection;
using Pipeline.Consumers;
using Pipeline.Ledger;
using Pipeline.Partitions;
using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>G9: the same as <see cref="CrashAnywhereTests"/> for give-up, intake, hold and replay.</summary>
public sealed class CrashWhileFailingTests(ITestOutputHelper output)
{
    private int _operationsBeforeHolding;

    [Fact]
    public async Task G9_Crash_before_or_after_any_io_of_giving_up_intake_and_replay_changes_nothing()
    {
        var (clean, ios) = await CrashRuns.RunAsync(null, before: false, FailAndReplayAsync, isGatewayFailing: true);
        output.WriteLine(Invariant($"{ios} operations"));
        Assert.True(ios > 50);
        await CrashRuns.CrashAsync(1, ios, clean, FailAndReplayAsync, isGatewayFailing: true);
    }

    [Fact]
    public async Task G9_Crash_before_or_after_any_io_of_holding_and_of_an_automatic_retry_changes_nothing()
    {
        var (clean, ios) = await CrashRuns.RunAsync(null, before: false, HoldAndRetryAsync, isGatewayFailing: true);

        // What comes before the message that is held is in the first test.
        var first = _operationsBeforeHolding + 1;
        output.WriteLine(Invariant($"{ios} operations, {first} is the first one of the failure"));
        Assert.True(ios - first > 50);
        await CrashRuns.CrashAsync(first, ios, clean, HoldAndRetryAsync, isGatewayFailing: true);
    }

    /// <summary>
    /// A gateway that fails for good when OrderPlaced is handled, with OrderCancelled waiting behind; then the fault is
    /// lifted and the subject replayed: charged and refunded.
    /// </summary>
    private static async Task FailAndReplayAsync(Simulation simulation, SimulatedProcess process)
    {
        await process.SetStockAsync("a", 10);
        await process.SetStockAsync("b", 1);
        await process.PlaceAsync("1", "c-1", ("a", 2));
        await process.RunUntilQuietAsync("ordering/payments");
        await process.CancelAsync("o-1");
        await process.RunUntilQuietAsync();
        process.Services.GetRequiredService<FailingGateway>().Lift();
        try
        {
            await process.ReplayAsync(new LedgerFilter { Partition = "o-1" });
        }
        catch (Replays.ReplayRefusedException)
        {
            // The process died in an earlier step's replay, or after it: nothing is blocked any more.
        }

        await process.RunUntilQuietAsync();
    }

    /// <summary>A gateway that is away when OrderPlaced is handled, and at its first retry; OrderCancelled waits behind. Nobody replays anything.</summary>
    private async Task HoldAndRetryAsync(Simulation simulation, SimulatedProcess process)
    {
        var gateway = process.Services.GetRequiredService<FailingGateway>();
        gateway.IsPermanent = false;
        await process.SetStockAsync("a", 10);
        await process.SetStockAsync("b", 1);
        await process.PlaceAsync("1", "c-1", ("a", 2));
        await process.RunUntilQuietAsync("ordering/payments");
        _operationsBeforeHolding = process.Plan.Count;
        await process.CancelAsync("o-1");
        gateway.OnCall = () =>
        {
            if (gateway.Calls > 2 * new ConsumerOptions().AttemptsPerDelivery)
                gateway.Lift();
            return Task.CompletedTask;
        };
        await process.RunUntilNothingIsHeldAsync();
        await process.RunUntilQuietAsync();
        Assert.DoesNotContain(
            await Invariants.AllAsync(process.Container("payments"), RecordKinds.Replay), r => r.GetProperty("status").GetString() == Replays.ReplayStatus.Applying);
    }
}
