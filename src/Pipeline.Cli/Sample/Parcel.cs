namespace Pipeline.Cli.Sample;

internal sealed record Parcel(string? Key, string? TrackingNumber, DateTimeOffset? Time);
