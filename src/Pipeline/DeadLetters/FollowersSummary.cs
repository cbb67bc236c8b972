namespace Pipeline.DeadLetters;

/// <summary>The messages that wait behind an entry.</summary>
/// <param name="Count">How many.</param>
/// <param name="First">The first of them in their order, at most <see cref="DeadLetterQueries.MaxFollowersShown"/>.</param>
public sealed record FollowersSummary(int Count, IReadOnlyList<FollowerSummary> First);
