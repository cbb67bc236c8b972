namespace Pipeline.Client;

/// <summary>One subject of a replay.</summary>
/// <param name="Number">Its number, in the order in which they are started.</param>
/// <param name="Container">Its container.</param>
/// <param name="Partition">The subject.</param>
/// <param name="Consumer">The consumer that gets its messages.</param>
/// <param name="Entry">The blocking dead letter when it was planned.</param>
/// <param name="Type">Its CloudEvents type; <see langword="null"/> if it is no event.</param>
/// <param name="Reason">Why it is a dead letter.</param>
/// <param name="Waiting">Messages that waited when it was planned, the head included.</param>
/// <param name="Status">One of <see cref="ReplayStatus"/>.</param>
/// <param name="Detail">Why it stopped or was skipped.</param>
/// <param name="Sent">Messages sent; 0 until the subject is over.</param>
/// <param name="AlreadyHandled">How many of them turned out to have had their effect before.</param>
/// <param name="Only">Whether the entry alone is meant, not what waits behind it.</param>
public sealed record ReplaySubject(
    int Number, string Container, string Partition, string Consumer, string Entry, string? Type, string Reason, int Waiting, string Status, string? Detail, int Sent, int AlreadyHandled, bool Only);
