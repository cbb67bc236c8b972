namespace Pipeline.Cli.Http;

internal sealed record PlanReplayRequest
{
    public string? Entry { get; init; }

    public string? Subject { get; init; }

    public string? Consumer { get; init; }

    public string? Type { get; init; }

    public string? Reason { get; init; }

    public string? Fingerprint { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    public int? Rate { get; init; }

    public int? MaxFailed { get; init; }

    public string? By { get; init; }

    public string? Why { get; init; }

    public bool? Apply { get; init; }
}
