namespace Pipeline.Client;

/// <summary>The queue or subscription of one consumer.</summary>
public sealed record QueueStatus
{
    /// <summary>Nothing was handled since the oldest message came: the consumer is not running.</summary>
    public const string NotRun = "notRun";

    /// <summary>The consumer takes the oldest message and gives it back, again and again.</summary>
    public const string GivenBack = "givenBack";

    /// <summary>The messages of the dead-letter queue are not processed.</summary>
    public const string NotProcessed = "notProcessed";

    /// <summary>The broker did not answer for this queue.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>The consumer: <c>topic/subscription</c>, or queue.</summary>
    public required string Consumer { get; init; }

    /// <summary>Messages that wait, those under way included; at least so many if there are <see cref="More"/>.</summary>
    public int Waiting { get; init; }

    /// <summary>Whether there are more than were counted.</summary>
    public bool More { get; init; }

    /// <summary>The message that has waited longest; <see langword="null"/> if none waits.</summary>
    public WaitingMessage? Oldest { get; init; }

    /// <summary>Messages in its dead-letter queue, until they are stored as dead letters; at most as many as are counted.</summary>
    public int DeadLetterQueue { get; init; }

    /// <summary>One of the problems above; <see langword="null"/> if nothing seems wrong.</summary>
    public string? Problem { get; init; }

    /// <summary>The problem in words, with its cause as far as it is known.</summary>
    public string? Detail { get; init; }
}
