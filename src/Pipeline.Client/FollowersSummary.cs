namespace Pipeline.Client;

/// <summary>The messages that wait behind an entry.</summary>
/// <param name="Count">How many.</param>
/// <param name="First">The first of them in their order, at most 5.</param>
public sealed record FollowersSummary(int Count, IReadOnlyList<FollowerSummary> First);
