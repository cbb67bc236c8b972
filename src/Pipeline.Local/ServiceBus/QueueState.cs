namespace Pipeline.Local.ServiceBus;

/// <summary>What a queue holds, and who waits there.</summary>
/// <param name="Waiting">Hosts that wait for a message or a session.</param>
/// <param name="Available">Messages that are not locked.</param>
/// <param name="Locked">Messages that are locked.</param>
/// <param name="LockedSessions">Sessions that somebody holds.</param>
/// <param name="SessionUnlocked">When the first lock of a session that has messages ends; <see langword="null"/> if none does.</param>
internal readonly record struct QueueState(int Waiting, int Available, int Locked, int LockedSessions, DateTimeOffset? SessionUnlocked);
