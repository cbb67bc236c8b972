namespace Pipeline.Local.Cosmos.Sql;

/// <summary>LIKE: <c>%</c> is any text, <c>_</c> any character, <c>[a-z]</c> and <c>[^a-z]</c> one of or outside a set.</summary>
internal sealed class LikeExpression(SqlExpression operand, SqlExpression pattern, char? escape) : SqlExpression
{
    /// <summary>Of a literal pattern, which is most.</summary>
    private readonly LikePattern? _constant = pattern is ConstantExpression { Value: { Type: SqlType.String } value } ? new LikePattern(value.Text, escape) : null;

    public SqlExpression Operand => operand;

    /// <summary>What every match begins with.</summary>
    public string Prefix => _constant?.Prefix ?? "";

    public override SqlValue Evaluate(SqlRow row)
    {
        var value = operand.Evaluate(row);
        if (value.Type != SqlType.String)
            return SqlValue.Undefined;
        if (_constant is not null)
            return SqlValue.Of(_constant.IsMatch(value.Text));
        var found = pattern.Evaluate(row);
        return found.Type == SqlType.String ? SqlValue.Of(LikePattern.Of(found.Text, escape).IsMatch(value.Text)) : SqlValue.Undefined;
    }
}
