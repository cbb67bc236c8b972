namespace Pipeline.Client;

/// <summary>Dead letters by cause.</summary>
/// <param name="Items">The groups, the largest first.</param>
/// <param name="Total">How many dead letters were counted.</param>
/// <param name="Ungrouped">How many of them are in none of the groups, because there are too many causes.</param>
/// <param name="AsOf">When they were counted. Requests that change a group send it as <c>before</c>.</param>
public sealed record DeadLetterGroupList(IReadOnlyList<DeadLetterGroup> Items, int Total, int Ungrouped, DateTimeOffset AsOf);
