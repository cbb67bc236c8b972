namespace Pipeline.Local.Testing;

/// <summary>What an entity holds.</summary>
/// <param name="Active">Messages that are available or locked.</param>
/// <param name="Locked">How many of them are locked.</param>
/// <param name="Deferred">Messages set aside.</param>
/// <param name="Scheduled">Messages sent to it whose time has not come.</param>
/// <param name="DeadLettered">Messages in its dead-letter queue.</param>
public readonly record struct MessageCounts(int Active, int Locked, int Deferred, int Scheduled, int DeadLettered);
