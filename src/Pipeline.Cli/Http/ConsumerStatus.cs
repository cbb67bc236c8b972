namespace Pipeline.Cli.Http;

internal sealed record ConsumerStatus(string Consumer, long BlockedSubjects, DateTimeOffset? OldestBlockedSince, long OpenDeadLetters, long WaitingForRetry);
