using Microsoft.Extensions.DependencyInjection;
using Pipeline.Storage;
using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>G9: the same as <see cref="CrashAnywhereTests"/> for giving up, the dead-letter queue and replay.</summary>
public sealed class CrashWhileFailingTests(ITestOutputHelper output)
{
    [Fact]
    public async Task G9_Crash_before_or_after_any_io_of_giving_up_dead_letter_queue_and_replay_changes_nothing()
    {
        var (clean, ios) = await CrashRuns.RunAsync(null, before: false, FailAndReplayAsync, isGatewayFailing: true);
        output.WriteLine(Invariant($"{ios.Count} operations"));
        Assert.True(ios.Count > 50);
        await CrashRuns.CrashAsync(1, ios, clean, FailAndReplayAsync, isGatewayFailing: true);
    }

    /// <summary>
    /// A gateway that fails for good when BookingMade is handled, with BookingCancelled waiting behind; then the fault is
    /// lifted and the subject replayed: charged and refunded.
    /// </summary>
    private static async Task FailAndReplayAsync(Simulation simulation, SimulatedProcess process)
    {
        await process.SetRoomsAsync("a", 10);
        await process.SetRoomsAsync("b", 1);
        await process.BookAsync("1", "g-1", ("a", 2));
        await process.RunUntilQuietAsync("bookings/charges");
        await process.CancelAsync("b-1");
        await process.RunUntilQuietAsync();
        process.Services.GetRequiredService<FailingGateway>().Lift();

        // Refused if the process died in an earlier step's replay, or after it: nothing is blocked any more.
        await process.TryReplayAsync(new DeadLetterFilter { Partition = "b-1" });
        await process.RunUntilQuietAsync();
    }
}
