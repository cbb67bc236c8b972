using Microsoft.Extensions.DependencyInjection;
using Pipeline.Storage;
using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>G9: the same as <see cref="CrashAnywhereTests"/> for give-up, intake and replay.</summary>
public sealed class CrashWhileFailingTests(ITestOutputHelper output)
{
    [Fact]
    public async Task G9_Crash_before_or_after_any_io_of_giving_up_intake_and_replay_changes_nothing()
    {
        var (clean, ios) = await CrashRuns.RunAsync(null, before: false, FailAndReplayAsync, isGatewayFailing: true);
        output.WriteLine(Invariant($"{ios.Count} operations"));
        Assert.True(ios.Count > 50);
        await CrashRuns.CrashAsync(1, ios, clean, FailAndReplayAsync, isGatewayFailing: true);
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

        // Refused if the process died in an earlier step's replay, or after it: nothing is blocked any more.
        await process.TryReplayAsync(new DeadLetterFilter { Partition = "o-1" });
        await process.RunUntilQuietAsync();
    }
}
