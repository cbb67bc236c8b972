using Pipeline.Local.Cosmos.Sql;

namespace Pipeline.Local.Cosmos;

/// <summary>A page of the incremental change feed, and the LSN it reaches to.</summary>
internal readonly record struct ChangeFeedPage(ResultPage? Documents, long Lsn);
