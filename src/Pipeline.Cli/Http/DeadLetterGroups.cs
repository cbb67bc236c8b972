namespace Pipeline.Cli.Http;

internal sealed record DeadLetterGroups(IReadOnlyList<DeadLetterGroup> Items, long Total, long Ungrouped, DateTimeOffset AsOf);
