namespace Pipeline.Client;

/// <summary>How the state of one partition changes.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Changes">Where, with old and new values; the first 100.</param>
/// <param name="More">How many changes there are besides.</param>
public sealed record StateChange(string Partition, IReadOnlyList<JsonDifference> Changes, int More);
