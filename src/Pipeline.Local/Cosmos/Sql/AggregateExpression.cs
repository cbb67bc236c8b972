namespace Pipeline.Local.Cosmos.Sql;

/// <summary>An aggregate in SELECT: its operand is evaluated on every row of a group, its value once all were seen.</summary>
internal sealed class AggregateExpression(AggregateKind kind, SqlExpression operand, int slot) : SqlExpression
{
    public AggregateKind Kind => kind;

    /// <summary>Where its value of the current group is.</summary>
    public int Slot => slot;

    public SqlValue Operand(SqlRow row) => operand.Evaluate(row);

    public override SqlValue Evaluate(SqlRow row) => row[slot];

    public static AggregateKind? Find(Token name) => name.Text.ToUpperInvariant() switch
    {
        "COUNT" => AggregateKind.Count,
        "SUM" => AggregateKind.Sum,
        "AVG" => AggregateKind.Average,
        "MIN" => AggregateKind.Min,
        "MAX" => AggregateKind.Max,
        _ => null,
    };
}
