using Microsoft.Extensions.DependencyInjection;
using Pipeline.Functions.Gateways;
using Pipeline.Services.Payments;
using Pipeline.Services.Shipping;
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
    public async Task G9_Crash_before_or_after_any_io_of_an_order_changes_nothing()
    {
        var (clean, ios) = await CrashRuns.RunAsync(null, before: false, PlaceOrdersAsync);
        output.WriteLine(Invariant($"{ios.Count} operations"));
        Assert.True(ios.Count > 50);
        await CrashRuns.CrashAsync(1, ios, clean, PlaceOrdersAsync);
    }

    [Fact]
    public async Task G9_Crash_before_or_after_any_io_of_a_cancellation_after_shipping_changes_nothing()
    {
        var (clean, ios) = await CrashRuns.RunAsync(null, before: false, ShipAndCancelAsync);

        // What comes before the cancellation is in the first test.
        var first = _operationsBeforeCancelling + 1;
        output.WriteLine(Invariant($"{ios.Count} operations, {first} is the first one of the cancellation"));
        Assert.True(ios.Count - first > 50);
        await CrashRuns.CrashAsync(first, ios, clean, ShipAndCancelAsync);
    }

    /// <summary>Four orders: one completes, one lacks stock, one is declined, one cannot be delivered. Every step can be repeated, as a client would.</summary>
    private static async Task PlaceOrdersAsync(Simulation simulation, SimulatedProcess process)
    {
        await process.SetStockAsync("a", 10);
        await process.SetStockAsync("b", 1);
        await process.PlaceAsync("1", "c-1", ("a", 2), ("b", 1));
        await process.PlaceAsync("2", "c-2", ("a", 1), ("b", 5));
        await process.PlaceAsync("3", SimulatedPaymentGateway.DeclinedCustomer, ("a", 3));
        await process.PlaceAsync("4", SimulatedCarrierGateway.UnreachableCustomer, ("a", 3));
        await process.RunUntilQuietAsync();
    }

    /// <summary>The customer cancels while the news that the parcel has left is still under way to Ordering: refunded and called back.</summary>
    private async Task ShipAndCancelAsync(Simulation simulation, SimulatedProcess process)
    {
        await process.SetStockAsync("a", 10);
        await process.SetStockAsync("b", 1);
        await process.PlaceAsync("1", "c-1", ("a", 2));
        await process.RunUntilQuietAsync("shipping/ordering");
        _operationsBeforeCancelling = process.Plan.Count;
        await process.CancelAsync("o-1");
        await process.RunUntilQuietAsync();
        Assert.Single((await process.Services.GetRequiredService<ICarrierGateway>().ListAsync("o-1", default)).Recalls);
    }
}
