namespace Pipeline.Local.EventGrid;

/// <summary>A subscription made at run time.</summary>
internal sealed record WebhookSubscription : SubscriptionSettings
{
    /// <summary>URL of the webhook.</summary>
    public required string Endpoint { get; init; }
}
