namespace Pipeline.Storage;

/// <summary>One operation of a transactional batch.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Id">The record's id.</param>
/// <param name="Body">The record, UTF-8 JSON; empty for a deletion.</param>
/// <param name="ETag">The etag that must match, for a replacement or deletion.</param>
/// <param name="OnConflict">What a 409 or 412 on this operation means.</param>
internal readonly record struct RecordOperation(RecordOperationKind Kind, string Id, byte[] Body, string? ETag, CommitOutcome OnConflict);
