namespace Pipeline.Local.EventGrid;

/// <summary>What becomes of a publish, where a test decides.</summary>
internal sealed class PublishFault
{
    private PublishFault(bool isAccepted, TopicReply? answer)
    {
        IsAccepted = isAccepted;
        Answer = answer;
    }

    /// <summary>It succeeds.</summary>
    public static PublishFault None { get; } = new(true, null);

    /// <summary>Nothing is accepted, and the connection breaks.</summary>
    public static PublishFault LoseRequest { get; } = new(false, TopicReply.Lost);

    /// <summary>Everything is accepted, and the connection breaks before the answer.</summary>
    public static PublishFault LoseAnswer { get; } = new(true, TopicReply.Lost);

    /// <summary>Whether the topic accepts the events.</summary>
    public bool IsAccepted { get; }

    /// <summary>What the publisher gets to see; <see langword="null"/>: the truth.</summary>
    public TopicReply? Answer { get; }

    /// <summary>Nothing is accepted, and the publisher is told so.</summary>
    public static PublishFault Status(int status) => new(false, TopicReply.Error(status, "Planted", string.Create(CultureInfo.InvariantCulture,
        $"A test answers {status}.")));
}
