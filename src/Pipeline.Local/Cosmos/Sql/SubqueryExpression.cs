namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A subquery: its only result, all of them as an array, or whether there are any.</summary>
internal sealed class SubqueryExpression(SubqueryKind kind, SqlSelect select) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row)
    {
        var results = row.Pipeline.Results(select);
        if (kind == SubqueryKind.Array)
            return JsonBuilder.ArrayOf(results);
        var found = SqlValue.Undefined;
        foreach (var result in results)
        {
            if (kind == SubqueryKind.Exists)
                return SqlValue.True;
            if (found.IsDefined)
                throw new CosmosFailure(400, "The cardinality of a scalar subquery result set cannot be greater than one; use ARRAY(...) or EXISTS(...).");
            found = result;
        }

        return kind == SubqueryKind.Exists ? SqlValue.False : found;
    }
}
