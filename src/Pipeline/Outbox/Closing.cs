namespace Pipeline.Outbox;

/// <summary>What closing some records came to.</summary>
/// <param name="Unclosed">Records that the store still has as they were, so that they would be read, and sent, again.</param>
/// <param name="EventGridFailed">Whether Event Grid did not take something.</param>
internal readonly record struct Closing(IReadOnlyCollection<OutboxRecord> Unclosed, bool EventGridFailed);
