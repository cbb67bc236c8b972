namespace Pipeline.Ledger;

/// <summary>What the edit of one event came to, at each consumer that has it as an open dead letter.</summary>
/// <param name="EventId">CloudEvents id.</param>
/// <param name="Source">CloudEvents source.</param>
/// <param name="Items">One for each open entry of the event.</param>
public sealed record EventEdit(string EventId, string? Source, IReadOnlyList<EditedEntry> Items)
{
    /// <summary>The edit was made now.</summary>
    public const string Edited = "edited";

    /// <summary>The same edit had been made before; nothing was changed.</summary>
    public const string AlreadyEdited = "alreadyEdited";

    /// <summary>It was refused, or cannot be made as things stand; nothing was changed.</summary>
    public const string Refused = "refused";

    /// <summary>Its store did not answer: it may or may not have been edited. Running the same edit again is safe.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>How many entries have the edit now.</summary>
    public int EditedCount => Items.Count(i => i.Outcome is Edited or AlreadyEdited);
}

/// <summary>One entry of an event that was to be edited.</summary>
/// <param name="Consumer">Its consumer.</param>
/// <param name="Container">Its container.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Id">Its id.</param>
/// <param name="Outcome">One of the outcomes of <see cref="EventEdit"/>.</param>
/// <param name="Reason">Why it was not edited; <see langword="null"/> if it was.</param>
/// <param name="Path">Where in the data the contract is broken, if that is the reason.</param>
public sealed record EditedEntry(string Consumer, string Container, string Partition, string Id, string Outcome, string? Reason = null, string? Path = null);

/// <summary>Events of several sources have the same id, and nobody said which one is meant.</summary>
public sealed class AmbiguousEventException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="eventId">The id.</param>
    /// <param name="sources">The sources.</param>
    public AmbiguousEventException(string eventId, IEnumerable<string?> sources)
        : base($"Events of several sources have the id '{eventId}': {string.Join(", ", sources.Select(s => $"'{s}'"))}. Say which one is meant with 'source'.")
    {
    }
}
