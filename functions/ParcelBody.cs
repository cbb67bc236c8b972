namespace Pipeline.Functions;

internal sealed record ParcelBody(string Key, string TrackingNumber, DateTimeOffset Time);
