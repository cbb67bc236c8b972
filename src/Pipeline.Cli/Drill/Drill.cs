using Pipeline.Cli.Http;

namespace Pipeline.Cli.Drill;

/// <summary>A failure to practise with: what makes it, what people notice, and when it is dealt with.</summary>
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

    /// <summary>What somebody else does about the cause, such as a deployment; <see langword="null"/> where the operator's own commands are enough.</summary>
    public virtual string? Repair => null;

    /// <summary>Makes the failure, and returns what people complain about.</summary>
    public abstract Task<string> BreakAsync(DrillSite site, CancellationToken cancellationToken);

    /// <summary>Takes the cause away; a drill that is started with <see cref="Arguments"/> is started again without them.</summary>
    public virtual Task RepairAsync(DrillSite site, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whether everything is as it should be again.</summary>
    public abstract Task<bool> IsSolvedAsync(DrillSite site, CancellationToken cancellationToken);

    /// <summary>Whether nothing waits for a person or a retry.</summary>
    protected static bool IsClear(PipelineStatus status) =>
        status is { BlockedSubjects: 0, OpenDeadLetters: 0, Quarantined: 0, Unpublished: 0 } && status.WaitingForRetry is 0 or null;
}
