using Microsoft.Extensions.DependencyInjection;
using Pipeline.BookingApp;
using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>
/// G9: the process is killed before and after every single I/O of commit and drain, restarted on what it left, and everything is
/// as if nothing had happened.
/// </summary>
public sealed class CrashAnywhereTests(ITestOutputHelper output)
{
    private int _operationsBeforeCancelling;

    [Fact]
    public async Task G9_Crash_before_or_after_any_io_of_a_booking_changes_nothing()
    {
        var (clean, ios) = await CrashRuns.RunAsync(null, before: false, BookRoomsAsync);
        output.WriteLine(Invariant($"{ios.Count} operations"));
        Assert.True(ios.Count > 50);
        await CrashRuns.CrashAsync(1, ios, clean, BookRoomsAsync);
    }

    [Fact]
    public async Task G9_Crash_before_or_after_any_io_of_a_cancellation_after_the_key_was_issued_changes_nothing()
    {
        var (clean, ios) = await CrashRuns.RunAsync(null, before: false, IssueAndCancelAsync);

        // What comes before the cancellation is in the first test.
        var first = _operationsBeforeCancelling + 1;
        output.WriteLine(Invariant($"{ios.Count} operations, {first} is the first one of the cancellation"));
        Assert.True(ios.Count - first > 50);
        await CrashRuns.CrashAsync(first, ios, clean, IssueAndCancelAsync);
    }

    /// <summary>Four bookings: one completes, one lacks a room, one is declined, one gets no key. Every step can be repeated, as a client would.</summary>
    private static async Task BookRoomsAsync(Simulation simulation, SimulatedProcess process)
    {
        await process.SetRoomsAsync("a", 10);
        await process.SetRoomsAsync("b", 1);
        await process.BookAsync("1", "g-1", ("a", 2), ("b", 1));
        await process.BookAsync("2", "g-2", ("a", 1), ("b", 5));
        await process.BookAsync("3", SimulatedChargeGateway.DeclinedGuest, ("a", 3));
        await process.BookAsync("4", SimulatedLockGateway.RefusedGuest, ("a", 3));
        await process.RunUntilQuietAsync();
    }

    /// <summary>The guest cancels while the news that the key was issued is still under way to Bookings: refunded and revoked.</summary>
    private async Task IssueAndCancelAsync(Simulation simulation, SimulatedProcess process)
    {
        await process.SetRoomsAsync("a", 10);
        await process.SetRoomsAsync("b", 1);
        await process.BookAsync("1", "g-1", ("a", 2));
        await process.RunUntilQuietAsync("keys/bookings");
        _operationsBeforeCancelling = process.Plan.Count;
        await process.CancelAsync("b-1");
        await process.RunUntilQuietAsync();
        Assert.Single(await Invariants.AllAsync(process.Container(Names.Gateways), "lock"), r => r.GetProperty("id").GetString() == RoomKey.RevokeKey("b-1"));
    }
}
