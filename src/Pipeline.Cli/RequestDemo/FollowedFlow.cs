using Pipeline.Client;

namespace Pipeline.Cli.RequestDemo;

/// <summary>All that a request caused, as last seen.</summary>
/// <param name="Request">The request.</param>
/// <param name="Flow">The flow; <see langword="null"/> while the pipeline knows none.</param>
internal sealed record FollowedFlow(SentRequest Request, FlowDetails? Flow)
{
    private const string Http = "http";

    private static readonly string[] Settled = ["handled", "published", "discarded"];
    private static readonly string[] Blocked = ["dead-lettered", "quarantined", "damaged", "missing"];

    /// <summary>Whether nothing is left to be done.</summary>
    public bool IsSettled => Flow is { Steps.Count: > 0 } flow && flow.Steps.All(step => Settled.Contains(step.State, StringComparer.Ordinal));

    /// <summary>Whether something has failed, so that the rest waits for an operator.</summary>
    public bool IsBlocked => Failed.Any();

    /// <summary>Gets the steps that have failed.</summary>
    public IEnumerable<FlowStep> Failed => (Flow?.Steps ?? []).Where(step => Blocked.Contains(step.State, StringComparer.Ordinal));

    /// <summary>Gets the step that the rest waits for: one that has failed, or else the first that is not done; <see langword="null"/> if there is none.</summary>
    public FlowStep? Obstacle => Failed.FirstOrDefault() ?? Flow?.Steps.FirstOrDefault(step => !Settled.Contains(step.State, StringComparer.Ordinal));

    /// <summary>Gets the messages that consumers have handled; the request itself is none.</summary>
    public IEnumerable<FlowStep> Handled => (Flow?.Steps ?? []).Where(step => step is { State: "handled", Consumer: not null and not Http });
}
