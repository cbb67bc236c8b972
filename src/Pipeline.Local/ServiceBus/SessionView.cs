namespace Pipeline.Local.ServiceBus;

/// <summary>A session.</summary>
internal sealed record SessionView(string Id, int Messages, int Locked, DateTimeOffset? LockedUntil, int StateBytes);
