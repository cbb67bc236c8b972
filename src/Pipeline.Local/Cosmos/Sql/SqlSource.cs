namespace Pipeline.Local.Cosmos.Sql;

/// <summary>One source of FROM: the documents of the container, the elements of an array, a value, or a subquery's results.</summary>
/// <param name="Slot">Where the current row has its value.</param>
/// <param name="Expression">An array or a value.</param>
/// <param name="Subquery">A subquery, whose results are the rows.</param>
/// <param name="IsIterated">The elements of the array are the rows, not the array.</param>
internal sealed record SqlSource(int Slot, SqlExpression? Expression = null, SqlSelect? Subquery = null, bool IsIterated = false)
{
    public bool IsContainer => Expression is null && Subquery is null;
}
