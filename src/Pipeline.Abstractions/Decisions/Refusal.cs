namespace Pipeline.Decisions;

/// <summary>Why a command was refused.</summary>
/// <param name="Code">A stable, machine-readable code such as <c>order-already-completed</c>.</param>
/// <param name="Reason">A sentence for people.</param>
public sealed record Refusal(string Code, string Reason);
