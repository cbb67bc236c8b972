namespace Pipeline.Local.ServiceBus;

/// <summary>An entity and what it holds.</summary>
internal sealed record EntityView(
    string Name, string Kind, int Active, int Locked, int DeadLetter, int Scheduled, int Deferred, int Transfer, bool RequiresSession, int Sessions, string? ForwardTo);
