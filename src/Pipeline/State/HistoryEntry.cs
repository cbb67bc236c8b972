namespace Pipeline.State;

/// <summary>One event of an aggregate's stream, for those who show history.</summary>
/// <param name="Version">Its version; the first is 1.</param>
/// <param name="Type">The domain event's name.</param>
/// <param name="Time">When it was committed.</param>
/// <param name="CausationId">The message or command that caused it.</param>
/// <param name="CorrelationId">The conversation that it belongs to.</param>
public sealed record HistoryEntry(long Version, string Type, DateTimeOffset Time, string CausationId, string CorrelationId);
