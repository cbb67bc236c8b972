namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A document to sort, and its values of ORDER BY.</summary>
internal readonly record struct SortedRow(StoredDocument? Document, ulong Rid, SqlValue[] Values);
