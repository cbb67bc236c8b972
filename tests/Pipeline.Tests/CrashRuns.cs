using Microsoft.Extensions.DependencyInjection;
using Pipeline.BookingApp;

namespace Pipeline.Tests;

/// <summary>Runs a scenario with a process that is killed at one I/O, and to its end with another one.</summary>
internal static class CrashRuns
{
    private static readonly Dictionary<string, int> Rooms = new(StringComparer.Ordinal) { ["a"] = 10, ["b"] = 1 };

    /// <summary>Before the first operation, and after each that leaves something.</summary>
    public static async Task CrashAsync(
        int first, IReadOnlyList<string> operations, (int, int) clean, Func<Simulation, SimulatedProcess, Task> scenario, bool isGatewayFailing = false)
    {
        Assert.Equal(clean, (await RunAsync(first, before: true, scenario, isGatewayFailing)).Result);
        foreach (var at in FaultPlan.CrashPoints(operations, first))
            Assert.Equal(clean, (await RunAsync(at, before: false, scenario, isGatewayFailing)).Result);
    }

    public static async Task<((int Completed, int Cancelled) Result, IReadOnlyList<string> Operations)> RunAsync(
        int? crashAt, bool before, Func<Simulation, SimulatedProcess, Task> scenario, bool isGatewayFailing = false)
    {
        await using var simulation = new Simulation();
        var gateway = new FailingGateway(failing: isGatewayFailing);
        simulation.Configure = services =>
        {
            services.AddSingleton(gateway);
            services.AddSingleton<IChargeGateway>(p => gateway.Over(ActivatorUtilities.CreateInstance<SimulatedChargeGateway>(
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
        IReadOnlyList<string> operations = [.. plan.Operations];
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
                return (await Invariants.CheckAsync(process.Container, Rooms), operations);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{what}: {e.Message}", e);
            }
        }
    }
}
