namespace Pipeline.Client;

/// <summary>One message of a conversation at one consumer.</summary>
/// <param name="EventId">CloudEvents id, or that of a command.</param>
/// <param name="Type">CloudEvents type, or the command's name.</param>
/// <param name="Kind"><c>event</c>, <c>command</c>, <c>reply</c>, <c>http</c> for a command that came over HTTP, or <c>unknown</c>.</param>
/// <param name="Source">CloudEvents source.</param>
/// <param name="Subject">CloudEvents subject.</param>
/// <param name="Sequence">The source's sequence; <see langword="null"/> for messages without one.</param>
/// <param name="CausationId">Id of the message that caused this one.</param>
/// <param name="CommittedAt">When the sender committed the message.</param>
/// <param name="Consumer">The consumer; <see langword="null"/> if there is none, or none yet.</param>
/// <param name="Container">The container where it was handled, or waits.</param>
/// <param name="Partition">The partition in it.</param>
/// <param name="HandledAt">When the effect was committed; <see langword="null"/> before.</param>
/// <param name="DeliveryCount">Deliveries so far.</param>
/// <param name="Caused">Ids of the messages that the handling sent.</param>
/// <param name="State"><c>handled</c>, or why it is not handled, such as <c>waiting</c> or <c>dead-lettered</c>.</param>
/// <param name="PublishedAt">When the broker took the message; <see langword="null"/> where it does not say.</param>
/// <param name="Duplicates">Deliveries that came after the effect, as far as they could be counted.</param>
/// <param name="Reason">The state in words; <see langword="null"/> where it needs none.</param>
/// <param name="Replay">The replay that it was handled by, if any.</param>
/// <param name="Edit">The edit of the message, if it was edited as a dead letter.</param>
/// <param name="EditedBy">Who made that edit.</param>
/// <param name="RetryAt">When it is retried automatically; <see langword="null"/> if it is not.</param>
/// <param name="Retries">How many of its delayed retries have failed.</param>
/// <param name="WaitingSince">Since when it waits; <see langword="null"/> where that is unknown.</param>
public sealed record FlowStep(
    string EventId,
    string Type,
    string Kind,
    string Source,
    string? Subject,
    long? Sequence,
    string? CausationId,
    DateTimeOffset? CommittedAt,
    string? Consumer,
    string Container,
    string Partition,
    DateTimeOffset? HandledAt,
    int DeliveryCount,
    IReadOnlyList<string> Caused,
    string State,
    DateTimeOffset? PublishedAt,
    int Duplicates,
    string? Reason,
    string? Replay,
    string? Edit,
    string? EditedBy,
    DateTimeOffset? RetryAt,
    int Retries,
    DateTimeOffset? WaitingSince);
