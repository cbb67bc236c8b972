namespace Pipeline.Cli.Http;

internal sealed record Parcel(string? Key, string? TrackingNumber, DateTimeOffset? Time);
