namespace Pipeline.Local.Cosmos.Sql;

/// <summary>What a query returns per row: the document (<c>*</c>), one value (<c>VALUE x</c>), or an object.</summary>
internal sealed record SelectClause(SqlExpression? Value, List<SelectItem>? Items)
{
    public bool IsStar => Value is null && Items is null;

    /// <summary>What is evaluated; nothing for <c>*</c>.</summary>
    public IEnumerable<SqlExpression> Expressions => Value is not null ? [Value] : Items?.Select(item => item.Expression) ?? [];
}
