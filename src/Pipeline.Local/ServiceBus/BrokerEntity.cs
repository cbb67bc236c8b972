namespace Pipeline.Local.ServiceBus;

/// <summary>A topic, queue, subscription or dead-letter queue.</summary>
internal abstract class BrokerEntity(string name, string path, DuplicateHistory? history)
{
    /// <summary>Default and longest lifetime of a message; <see cref="TimeSpan.MaxValue"/>: no limit.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.MaxValue;

    /// <summary>Number in the journal; 0 until it has one.</summary>
    public int Id { get; set; }

    /// <summary>Short name, "topic/subscription/$DeadLetterQueue".</summary>
    public string Name => name;

    /// <summary>Name as clients see it, "topic/Subscriptions/subscription/$DeadLetterQueue".</summary>
    public string Path => path;

    /// <summary>Ids for duplicate detection; <see langword="null"/> where there is none.</summary>
    public DuplicateHistory? History => history;

    public long NextSequenceNumber { get; set; } = 1;

    public Dictionary<long, ScheduledMessage> Scheduled { get; } = [];

    /// <summary>Makes it as new: it was deleted.</summary>
    public virtual void Clear()
    {
        Id = 0;
        NextSequenceNumber = 1;
        Scheduled.Clear();
        History?.Clear();
    }
}
