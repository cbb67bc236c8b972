namespace Pipeline.Messages;

/// <summary>What a message means to those who get it.</summary>
public enum MessageKind
{
    /// <summary>Something that happened: published to its service's topic, read by its subscribers, sequenced per subject.</summary>
    Event,

    /// <summary>An instruction to one receiver, sent to its queue. Has no sequence.</summary>
    Command,

    /// <summary>The answer to a command, sent to the asker's queue. Has no sequence.</summary>
    Reply,
}
