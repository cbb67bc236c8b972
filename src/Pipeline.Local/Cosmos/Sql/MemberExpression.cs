namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Properties and elements of what is no path, or by an index that is computed.</summary>
internal sealed class MemberExpression(SqlExpression target, SqlExpression[] indexes) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row)
    {
        var value = target.Evaluate(row);
        foreach (var index in indexes)
            value = PathExpression.Member(value, index.Evaluate(row));
        return value;
    }
}
