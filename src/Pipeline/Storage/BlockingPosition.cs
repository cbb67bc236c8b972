namespace Pipeline.Storage;

/// <summary>An open dead letter and its position in its subject.</summary>
/// <param name="Id">The dead letter's id.</param>
/// <param name="Position">Its position; positions compare as ordinal text.</param>
internal readonly record struct BlockingPosition(DeadLetterId Id, string Position);
