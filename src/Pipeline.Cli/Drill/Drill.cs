using Pipeline.Client;

namespace Pipeline.Cli.Drill;

/// <summary>A failure to practise with: its cause, its report, and the condition of its solution.</summary>
internal abstract class Drill
{
    /// <summary>All of them, in the order to practise in.</summary>
    public static IReadOnlyList<Func<Drill>> All { get; } =
        [() => new PoisonDrill(), () => new UnknownTypeDrill(), () => new QuarantineDrill(), () => new BrokenGatewayDrill(), () => new DeadConsumerDrill(), () => new ThrottlingDrill()];

    /// <summary>As on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>For <c>--help</c>.</summary>
    public abstract string Description { get; }

    /// <summary>Settings that the pipeline is started with while the cause lasts.</summary>
    public virtual IReadOnlyList<string> Arguments => [];

    /// <summary>How the cause is fixed by others, for example with a deployment; <see langword="null"/> if the commands of the operator suffice.</summary>
    public virtual string? Repair => null;

    /// <summary>Creates the failure, and returns its report.</summary>
    public abstract Task<string> BreakAsync(DrillSite site, CancellationToken cancellationToken);

    /// <summary>Fixes the cause; a drill that is started with <see cref="Arguments"/> is started again without them.</summary>
    public virtual Task RepairAsync(DrillSite site, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whether everything works again.</summary>
    public abstract Task<bool> IsSolvedAsync(DrillSite site, CancellationToken cancellationToken);

    /// <summary>Whether nothing waits for a person or a retry.</summary>
    protected static bool IsClear(PipelineStatus status) =>
        status is { BlockedSubjects: 0, OpenDeadLetters: 0, Quarantined: 0, Unpublished: 0, WaitingForRetry: 0 };
}
