namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A SELECT with its clauses: a query, or a subquery within one.</summary>
internal sealed class SqlSelect
{
    public required SelectClause Select { get; init; }
    public List<SqlSource> Sources { get; init; } = [];
    public SqlExpression? Where { get; init; }
    public List<OrderByItem> OrderBy { get; init; } = [];
    public SqlExpression? Top { get; init; }
    public SqlExpression? Offset { get; init; }
    public SqlExpression? Limit { get; init; }
    public List<AggregateExpression> Aggregates { get; init; } = [];
    public List<GroupByItem> GroupBy { get; init; } = [];
    public bool IsDistinct { get; init; }

    /// <summary>An aggregate is within another expression.</summary>
    public bool HasInnerAggregates { get; init; }

    /// <summary>What <c>*</c> selects.</summary>
    public int StarSlot { get; init; }

    /// <summary>The results are the documents as they are.</summary>
    public bool IsOfWholeDocuments => Select.IsStar ? StarSlot == SqlRow.DocumentSlot : Select.Value is PathExpression { IsDocument: true };

    public bool HasGroups => Aggregates.Count > 0 || GroupBy.Count > 0;

    public bool IsWindowed => Top is not null || Limit is not null;

    /// <summary>Its rows are the documents of the container, or come from each of them.</summary>
    public bool IsOfContainer => Sources is [{ IsContainer: true }, ..];

    /// <summary>Its rows are those of a subquery.</summary>
    public bool IsOfSubquery => Sources is [{ Subquery: not null }, ..];
}
