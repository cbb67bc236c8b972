namespace Pipeline.Cli.Demo;

/// <summary>A subject that is blocked at a consumer, and the dead letter that blocks it.</summary>
internal sealed record BlockedSubject(
    PlacedOrder Order, string Partition, string? Consumer, string? Reason, string? Description, int Attempts, int WaitingBehind);
