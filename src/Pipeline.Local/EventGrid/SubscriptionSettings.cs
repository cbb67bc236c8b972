namespace Pipeline.Local.EventGrid;

/// <summary>What a subscription takes, and how long it tries. Everything that is not set takes every event.</summary>
internal abstract record SubscriptionSettings
{
    /// <summary>Event types, exactly; <see langword="null"/>: all.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    public string? SubjectBeginsWith { get; init; }

    public string? SubjectEndsWith { get; init; }

    /// <summary>All of them have to match.</summary>
    public IReadOnlyList<AdvancedFilterDefinition> AdvancedFilters { get; init; } = [];

    /// <summary>Attempts after which an event is dead-lettered, 1 to 30.</summary>
    public int MaxDeliveryAttempts { get; init; } = 30;

    /// <summary>Time after publishing at which an event is dead-lettered, 1 minute to 1 day.</summary>
    public TimeSpan EventTimeToLive { get; init; } = TimeSpan.FromDays(1);
}
