using Microsoft.Extensions.DependencyInjection;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Storage;
using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>G9: the same as <see cref="CrashAnywhereTests"/> for a message that is held and retried by itself.</summary>
public sealed class CrashDuringDelayedRetryTests(ITestOutputHelper output)
{
    private int _operationsBeforeHolding;

    [Fact]
    public async Task G9_Crash_before_or_after_any_io_of_holding_and_of_an_automatic_retry_changes_nothing()
    {
        var (clean, ios) = await CrashRuns.RunAsync(null, before: false, HoldAndRetryAsync, isGatewayFailing: true);

        // What comes before the message that is held is in CrashWhileFailingTests.
        var first = _operationsBeforeHolding + 1;
        output.WriteLine(Invariant($"{ios.Count} operations, {first} is the first one of the failure"));
        Assert.True(ios.Count - first > 50);
        await CrashRuns.CrashAsync(first, ios, clean, HoldAndRetryAsync, isGatewayFailing: true);
    }

    /// <summary>A gateway that is away when BookingMade is handled, and at its first retry; BookingCancelled waits behind. Nobody replays anything.</summary>
    private async Task HoldAndRetryAsync(Simulation simulation, SimulatedProcess process)
    {
        var gateway = process.Services.GetRequiredService<FailingGateway>();
        gateway.IsPermanent = false;
        await process.SetRoomsAsync("a", 10);
        await process.SetRoomsAsync("b", 1);
        await process.BookAsync("1", "g-1", ("a", 2));
        await process.RunUntilQuietAsync("bookings/charges");
        _operationsBeforeHolding = process.Plan.Count;
        await process.CancelAsync("b-1");
        gateway.OnCall = () =>
        {
            if (gateway.Calls > 2 * new ConsumerOptions().AttemptsPerDelivery)
                gateway.Lift();
            return Task.CompletedTask;
        };
        await process.RunUntilNothingIsHeldAsync();
        await process.RunUntilQuietAsync();
        Assert.DoesNotContain(
            await Invariants.AllAsync(process.Container("charges"), RecordKinds.Replay), r => r.GetProperty("status").GetString() == ReplayStatus.Applying);
    }
}
