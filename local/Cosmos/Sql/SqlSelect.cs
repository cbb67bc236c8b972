namespace Pipeline.Local.Cosmos.Sql;

/// <summary>One entry of a SELECT list.</summary>
internal sealed record SelectItem(string Name, SqlExpression Expression);

/// <summary>What a query returns per row: the document (<c>*</c>), one value (<c>VALUE x</c>), or an object.</summary>
internal sealed record SelectClause(SqlExpression? Value, List<SelectItem>? Items)
{
    public bool IsStar => Value is null && Items is null;

    /// <summary>What is evaluated; nothing for <c>*</c>.</summary>
    public IEnumerable<SqlExpression> Expressions => Value is not null ? [Value] : Items?.Select(item => item.Expression) ?? [];
}

/// <param name="Path">What is sorted by.</param>
/// <param name="Descending">The other way round.</param>
/// <param name="Text">The path as it stands in the query.</param>
internal sealed record OrderByItem(PathExpression Path, bool Descending, string Text);

/// <param name="Expression">What rows are grouped by.</param>
/// <param name="Text">The same as it stands in the query.</param>
/// <param name="Slot">Where the value of the current group is.</param>
internal sealed record GroupByItem(SqlExpression Expression, string Text, int Slot);

/// <summary>One source of FROM: the documents of the container, the elements of an array, a value, or a subquery's results.</summary>
/// <param name="Slot">Where the current row has its value.</param>
/// <param name="Expression">An array or a value.</param>
/// <param name="Subquery">A subquery, whose results are the rows.</param>
/// <param name="IsIterated">The elements of the array are the rows, not the array.</param>
internal sealed record SqlSource(int Slot, SqlExpression? Expression = null, SqlSelect? Subquery = null, bool IsIterated = false)
{
    public bool IsContainer => Expression is null && Subquery is null;
}

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
