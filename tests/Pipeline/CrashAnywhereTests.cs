using Microsoft.Extensions.DependencyInjection;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;
using Pipeline.Ledger;
using Pipeline.Partitions;
using Pipeline.Services.Payments;
using Pipeline.Services.Shipping;
using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>
/// G9: the process is killed before and after every single I/O of commit, drain, give-up, intake and replay, restarted on
/// what it left, and everything is as if nothing had happened.
/// </summary>
public sealed class CrashAnywhereTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, int> Stock = new(StringComparer.Ordinal) { ["a"] = 10, ["b"] = 1 };

    private int _operationsBeforeCancelling;
    private int _operationsBeforeHolding;

    [Fact]
    public async Task G9_Crash_before_or_after_any_io_of_an_order_changes_nothing()
    {
        var (clean, ios) = await RunAsync(null, before: false, PlaceOrdersAsync);
        output.WriteLine(Invariant($"{ios} operations"));
        Assert.True(ios > 50);
        await CrashAsync(1, ios, clean, PlaceOrdersAsync);
    }

    [Fact]
    public async Task G9_Crash_before_or_after_any_io_of_giving_up_intake_and_replay_changes_nothing()
    {
        var (clean, ios) = await RunAsync(null, before: false, FailAndReplayAsync);
        output.WriteLine(Invariant($"{ios} operations"));
        Assert.True(ios > 50);
        await CrashAsync(1, ios, clean, FailAndReplayAsync);
    }

    [Fact]
    public async Task G9_Crash_before_or_after_any_io_of_holding_and_of_an_automatic_retry_changes_nothing()
    {
        var (clean, ios) = await RunAsync(null, before: false, HoldAndRetryAsync);

        // What comes before the message that is held is in the first test.
        var first = _operationsBeforeHolding + 1;
        output.WriteLine(Invariant($"{ios} operations, {first} is the first one of the failure"));
        Assert.True(ios - first > 50);
        await CrashAsync(first, ios, clean, HoldAndRetryAsync);
    }

    [Fact]
    public async Task G9_Crash_before_or_after_any_io_of_a_cancellation_after_shipping_changes_nothing()
    {
        var (clean, ios) = await RunAsync(null, before: false, ShipAndCancelAsync);

        // What comes before the cancellation is in the first test.
        var first = _operationsBeforeCancelling + 1;
        output.WriteLine(Invariant($"{ios} operations, {first} is the first one of the cancellation"));
        Assert.True(ios - first > 50);
        await CrashAsync(first, ios, clean, ShipAndCancelAsync);
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

    /// <summary>One process does one thing at a time here, so after one operation is before the next: what is left is the same.</summary>
    private static async Task CrashAsync(int first, int last, (int, int) clean, Func<Simulation, SimulatedProcess, Task> scenario)
    {
        Assert.Equal(clean, (await RunAsync(first, before: true, scenario)).Result);
        for (var at = first; at <= last; at++)
            Assert.Equal(clean, (await RunAsync(at, before: false, scenario)).Result);
    }

    private static async Task<((int Completed, int Cancelled) Result, int Operations)> RunAsync(
        int? crashAt, bool before, Func<Simulation, SimulatedProcess, Task> scenario)
    {
        await using var simulation = new Simulation();
        var gateway = new FailingGateway(failing: scenario == FailAndReplayAsync || scenario.Method.Name == nameof(HoldAndRetryAsync));
        simulation.Configure = services =>
        {
            services.AddSingleton(gateway);
            services.AddSingleton<IPaymentGateway>(p => gateway.Over(ActivatorUtilities.CreateInstance<SimulatedPaymentGateway>(
                p, p.GetRequiredService<Microsoft.Azure.Cosmos.CosmosClient>().GetContainer("pipeline", "gateways"))));
        };
        var plan = new FaultPlan { CrashAt = crashAt, Before = before };
        var process = simulation.Start(plan);
        try
        {
            await scenario(simulation, process);
        }
        catch (Exception) when (plan.IsDead)
        {
            // As intended. (What the relay only logs does not come through; hence the second look at the plan.)
        }

        // How many operations there are varies a little: one that is due later must not hit the checks.
        plan.CrashAt = null;
        var operations = plan.Count;
        if (plan.IsDead)
        {
            process = simulation.Restart();
            await scenario(simulation, process);
        }

        await using (process)
        {
            var what = crashAt is null ? "no crash" : Invariant($"crash {(before ? "before" : "after")} {crashAt}: {plan.Operations[^1]}");
            try
            {
                return (await Invariants.CheckAsync(process.Container, Stock), operations);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{what}: {e.Message}", e);
            }
        }
    }
}
