namespace Pipeline.Client;

/// <summary>What a step of editing a group came to.</summary>
/// <param name="Edited">Entries that this step changed.</param>
/// <param name="AlreadyEdited">Entries that were changed by the same edit before.</param>
/// <param name="Refused">Entries that could not be changed, each with the reason; the first 50.</param>
/// <param name="RefusedCount">How many those are in all.</param>
/// <param name="Continuation">Where the next step continues; <see langword="null"/> when the group is done.</param>
public sealed record GroupEdit(int Edited, int AlreadyEdited, IReadOnlyList<RefusedEdit> Refused, int RefusedCount, string? Continuation);
