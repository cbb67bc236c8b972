namespace Pipeline.Cli.Http;

internal sealed record DiscardedGroup(long Discarded, long Remaining);
