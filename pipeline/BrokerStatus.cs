namespace Pipeline;

/// <summary>What waits in the broker, as it was looked at a moment ago.</summary>
/// <param name="LookedAt">When.</param>
/// <param name="Error">Why nothing, or not all, could be seen; <see langword="null"/> if all could.</param>
/// <param name="Waiting">Messages that wait, over all queues; at least so many.</param>
/// <param name="Queues">One for each consumer.</param>
public sealed record BrokerStatus(DateTimeOffset LookedAt, string? Error, int Waiting, IReadOnlyList<QueueStatus> Queues)
{
    /// <summary>The queue of a consumer; <see langword="null"/> if it was not looked at.</summary>
    public QueueStatus? Of(string consumer) => Queues.FirstOrDefault(q => q.Consumer == consumer);
}

/// <summary>The queue or subscription of one consumer.</summary>
public sealed record QueueStatus
{
    /// <summary>Nothing was handled since the oldest message came: nobody runs the consumer.</summary>
    public const string NotRun = "notRun";

    /// <summary>The consumer takes the oldest message and gives it back, again and again.</summary>
    public const string GivenBack = "givenBack";

    /// <summary>What the broker has dead-lettered is not taken in.</summary>
    public const string NotTakenIn = "notTakenIn";

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

    /// <summary>Messages in its dead-letter queue, until they are taken into the ledger; at most as many as are counted.</summary>
    public int DeadLetterQueue { get; init; }

    /// <summary>One of the problems above; <see langword="null"/> if nothing seems wrong.</summary>
    public string? Problem { get; init; }

    /// <summary>The problem in words, with its cause as far as it is known.</summary>
    public string? Detail { get; init; }

    /// <summary>All that were looked at, the oldest first.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyList<WaitingMessage> Messages { get; init; } = [];

    /// <summary>Those of its dead-letter queue, the oldest first.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyList<WaitingMessage> DeadLetters { get; init; } = [];
}

/// <summary>A message that waits in the broker.</summary>
/// <param name="MessageId">Its id: the event's, unless it is a replay's.</param>
/// <param name="Type">CloudEvents type; <see langword="null"/> if it does not say.</param>
/// <param name="Subject">Its session, the subject.</param>
/// <param name="Since">Since when the broker has it.</param>
/// <param name="Deliveries">How often it was delivered, without an end.</param>
public sealed record WaitingMessage(string? MessageId, string? Type, string? Subject, DateTimeOffset Since, int Deliveries);
