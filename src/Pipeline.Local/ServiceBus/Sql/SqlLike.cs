namespace Pipeline.Local.ServiceBus;

internal sealed class SqlLike(SqlNode left, SqlNode pattern, SqlNode? escape, bool negated) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context)
    {
        var (value, wanted) = (left.Evaluate(context), pattern.Evaluate(context));
        if (ReferenceEquals(value, SqlValues.Unknown) || ReferenceEquals(wanted, SqlValues.Unknown))
            return SqlValues.Unknown;
        char? escapeChar = escape?.Evaluate(context) switch
        {
            null => null,
            string { Length: 1 } text => text[0],
            _ => throw new FilterException("ESCAPE needs a text of one character."),
        };
        if (wanted is not string like)
            throw new FilterException("LIKE needs a text as its pattern.");
        return value switch
        {
            null => negated,
            string text => LikePattern.Matches(text, like, escapeChar) != negated,
            _ => throw new FilterException($"LIKE cannot be applied to a {value.GetType().Name}."),
        };
    }
}
