namespace Pipeline.Editing;

/// <summary>How an edit ended.</summary>
public enum EditOutcome
{
    /// <summary>There is no such entry.</summary>
    NotFound,

    /// <summary>The entry's message is another one now.</summary>
    Edited,

    /// <summary>This very edit was made before; nothing was changed.</summary>
    AlreadyEdited,

    /// <summary>It was refused; nothing was changed.</summary>
    Refused,

    /// <summary>It cannot be done as things stand (closed, edited by another operator, being replayed); nothing was changed.</summary>
    Conflict,
}
