namespace Pipeline.Local.Cosmos.Sql;

/// <summary>The names are those that a query plan gives them.</summary>
internal enum AggregateKind
{
    Count,
    Sum,
    Average,
    Min,
    Max,
}
