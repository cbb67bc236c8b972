using System.Text.Json;

namespace Pipeline.Local.EventGrid;

/// <summary>A dead letter that is in no blob yet, for people.</summary>
internal sealed record DeadLetterStatus
{
    public required string Subscription { get; init; }

    public required string Id { get; init; }

    public required string Source { get; init; }

    public required string Type { get; init; }

    public required string Reason { get; init; }

    public required int DeliveryAttempts { get; init; }

    public string? LastDeliveryOutcome { get; init; }

    public required DateTimeOffset PublishTime { get; init; }

    public required DateTimeOffset GivenUpTime { get; init; }

    /// <summary>Where it will be.</summary>
    public required string Blob { get; init; }

    /// <summary>Why it is not there, if that has been tried.</summary>
    public string? LastError { get; init; }

    public static DeadLetterStatus Of(Delivery delivery, string container)
    {
        using var document = JsonDocument.Parse(delivery.Event.Json);
        var attributes = document.RootElement;
        return new DeadLetterStatus
        {
            Subscription = delivery.Subscription.Name,
            Id = attributes.GetProperty("id").GetString()!,
            Source = attributes.GetProperty("source").GetString()!,
            Type = attributes.GetProperty("type").GetString()!,
            Reason = delivery.DeadLetterReason!,
            DeliveryAttempts = delivery.FailedAttempts,
            LastDeliveryOutcome = delivery.LastOutcome,
            PublishTime = new DateTimeOffset(delivery.Event.PublishedTicks, TimeSpan.Zero),
            GivenUpTime = new DateTimeOffset(delivery.GivenUpTicks, TimeSpan.Zero),
            Blob = DeadLetterBlob.NameOf(container, delivery),
            LastError = delivery.DeadLetterError,
        };
    }
}
