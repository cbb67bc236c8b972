namespace Pipeline.Local.Cosmos.Sql;

/// <summary>What TOP, or OFFSET and LIMIT, leave of the results.</summary>
internal readonly record struct SqlWindow(long Skip, long Take)
{
    private const int Max = 1_000_000_000;

    public static SqlWindow All => new(0, long.MaxValue);

    public static SqlWindow Of(SqlSelect select, SqlRow row)
    {
        var (top, offset, limit) = Limits(select, row);
        return new(offset ?? 0, top ?? limit ?? long.MaxValue);
    }

    /// <summary>The values of TOP, OFFSET and LIMIT, which may be parameters.</summary>
    public static (long? Top, long? Offset, long? Limit) Limits(SqlSelect select, SqlRow row) =>
        (Count(select.Top, row), Count(select.Offset, row), Count(select.Limit, row));

    private static long? Count(SqlExpression? expression, SqlRow row)
    {
        if (expression is null)
            return null;
        var value = expression.Evaluate(row);
        return value.Type == SqlType.Number && value.Number is >= 0 and <= Max && value.Number == Math.Floor(value.Number)
            ? (long)value.Number
            : throw new CosmosFailure(400, $"TOP, OFFSET and LIMIT take integers from 0 to {Max}.");
    }
}
