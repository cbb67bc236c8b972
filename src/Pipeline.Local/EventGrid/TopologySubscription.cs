namespace Pipeline.Local.EventGrid;

/// <summary>A subscription of topology.json.</summary>
internal sealed record TopologySubscription : SubscriptionSettings
{
    public required string Name { get; init; }

    /// <summary>The function that gets the events.</summary>
    public string? Function { get; init; }

    /// <summary>The setting that holds the webhook's URL; while it is empty there is no subscription.</summary>
    public string? EndpointSetting { get; init; }
}
