namespace Pipeline.Cli.Http;

/// <summary>What the view of one entry has besides.</summary>
internal sealed record DeadLetterDetails(string Id, string? WaitsBehind, DeadLetterFollowers? Followers);
