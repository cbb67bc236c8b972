using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary>What the steps of a dry run mean for the user.</summary>
internal static class DryRunSteps
{
    /// <summary>Whether the subject would stay blocked by it.</summary>
    public static bool IsStuck(this DryRunStep step) => step.Outcome is not (DryRunOutcomes.Handled or DryRunOutcomes.AlreadyHandled or DryRunOutcomes.Assumed);

    /// <summary>Whether it would be handled only if gateways answer as assumed; an older pipeline says that only of the calls.</summary>
    public static bool IsAssumed(this DryRunStep step) =>
        step.Outcome == DryRunOutcomes.Assumed || (step.Outcome == DryRunOutcomes.Handled && step.AssumedCalls().Any());

    public static IEnumerable<GatewayCall> AssumedCalls(this DryRunStep step) => step.Calls.Where(c => c.Source == AnswerSources.Assumed);

    /// <summary>Gets the exit code of a dry run.</summary>
    public static int ExitCodeOf(DryRunDetails run) =>
        run.Steps.Any(s => s.IsStuck()) ? ExitCode.Failed : run.Steps.Any(s => s.IsAssumed()) ? ExitCode.Assumed : ExitCode.Ok;
}
