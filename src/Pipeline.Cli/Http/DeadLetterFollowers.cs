namespace Pipeline.Cli.Http;

internal sealed record DeadLetterFollowers(long Count, IReadOnlyList<DeadLetterFollower>? First);
