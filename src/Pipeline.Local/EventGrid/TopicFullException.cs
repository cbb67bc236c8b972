namespace Pipeline.Local.EventGrid;

/// <summary>Nothing more is accepted until some of what waits is delivered.</summary>
internal sealed class TopicFullException(long maxPendingBytes) : Exception(
    string.Create(CultureInfo.InvariantCulture,
        $"More than {maxPendingBytes / 1024 / 1024} MB of events wait to be delivered or dead-lettered. GET /subscriptions tells where; ") +
    "DELETE /subscriptions/NAME drops what waits for a subscription.");
