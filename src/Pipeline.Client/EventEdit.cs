namespace Pipeline.Client;

/// <summary>The result of editing one event, at each consumer that has it as an open dead letter.</summary>
/// <param name="EventId">CloudEvents id.</param>
/// <param name="Source">CloudEvents source.</param>
/// <param name="Items">One for each open dead letter of the event.</param>
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

    /// <summary>Gets how many dead letters have the edit now.</summary>
    public int EditedCount => Items.Count(i => i.Outcome is Edited or AlreadyEdited);
}
