namespace Pipeline.Cli.Http;

internal sealed record StateChange(string Partition, IReadOnlyList<Difference>? Changes, int More);
