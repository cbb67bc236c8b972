namespace Pipeline.Cli.Http;

/// <summary>The additional members of a single dead letter.</summary>
internal sealed record DeadLetterDetails(string Id, string? WaitsBehind, DeadLetterFollowers? Followers);
