namespace Pipeline.DeadLetters;

/// <summary>How an edit ended.</summary>
public enum EditOutcome
{
    /// <summary>The entry's message is another one now.</summary>
    Edited,

    /// <summary>This very edit was made before; nothing was changed.</summary>
    AlreadyEdited,

    /// <summary>It was refused; nothing was changed.</summary>
    Refused,

    /// <summary>It cannot be done as things stand (closed, edited by somebody else, being replayed); nothing was changed.</summary>
    Conflict,

    /// <summary>There is no such entry.</summary>
    NotFound,
}
