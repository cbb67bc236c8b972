using Pipeline.Decisions;

namespace Pipeline.Commands;

/// <summary>The answer to a command.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="State">The state after it; <see langword="null"/> where there is none.</param>
/// <param name="Position">The partition's number of commits after it, for reading one's own write.</param>
/// <param name="CorrelationId">The conversation that it belongs to.</param>
/// <param name="Refusal">Why it was refused.</param>
public sealed record CommandResult<TState>(CommandOutcome Outcome, TState? State, long Position, string CorrelationId, Refusal? Refusal = null)
    where TState : class;
