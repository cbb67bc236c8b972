namespace Pipeline.Local.EventGrid;

/// <summary>An event on its way to one or more subscriptions.</summary>
/// <param name="number">Counts the topic's events.</param>
/// <param name="publishedTicks">UTC ticks at which it was accepted.</param>
/// <param name="json">The structured CloudEvent, as its publisher wrote it.</param>
internal sealed class StoredEvent(long number, long publishedTicks, byte[] json)
{
    public long Number => number;

    public long PublishedTicks => publishedTicks;

    public byte[] Json => json;

    /// <summary>Deliveries that still need it.</summary>
    public int Deliveries { get; set; }
}
