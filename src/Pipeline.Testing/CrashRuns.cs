using Pipeline.Testing.Faults;

namespace Pipeline.Testing;

/// <summary>Runs a scenario with a process that is killed at one I/O operation after the other, and to its end with another process.</summary>
internal sealed class CrashRuns(Func<FaultPlan, PipelineSimulation> start, Func<PipelineSimulation, Task> scenario, Func<PipelineSimulation, Task> check)
{
    public async Task<CrashReport> RunAsync()
    {
        var operations = await RunAsync(new FaultPlan());
        if (operations.Count == 0)
            throw new InvalidOperationException("The scenario does no I/O: deliver a message or run a command in it.");

        await RunAsync(new FaultPlan { CrashAt = 1, Before = true });
        var crashes = FaultPlan.CrashPoints(operations).ToList();
        foreach (var at in crashes)
            await RunAsync(new FaultPlan { CrashAt = at });
        return new CrashReport(operations, crashes.Count + 1);
    }

    /// <summary>Runs it once.</summary>
    /// <returns>The operations of the scenario, up to the crash.</returns>
    private async Task<IReadOnlyList<string>> RunAsync(FaultPlan plan)
    {
        await using var simulation = start(plan);
        try
        {
            await scenario(simulation);
        }
        catch (Exception) when (plan.IsDead)
        {
            // As intended. What the relay only logs does not come through; hence the second look at the plan.
        }
        catch (Exception e)
        {
            throw new CrashCheckException($"The scenario failed without a crash: {e.Message}", e);
        }

        // How many operations there are varies a little: one that is due later must not hit the check.
        plan.CrashAt = null;
        var operations = plan.Operations.ToList();
        var what = "without a crash";
        if (plan.IsDead)
        {
            what = string.Create(CultureInfo.InvariantCulture, $"after a crash {(plan.Before ? "before" : "after")} operation {operations.Count} ({operations[^1]})");
            simulation.Restart(new FaultPlan());
            await TryAsync(() => scenario(simulation), "The repeated scenario failed " + what);
        }

        await TryAsync(() => check(simulation), "The check failed " + what);
        return operations;
    }

    private static async Task TryAsync(Func<Task> step, string what)
    {
        try
        {
            await step();
        }
        catch (Exception e)
        {
            throw new CrashCheckException($"{what}: {e.Message}", e);
        }
    }
}
