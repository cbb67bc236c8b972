namespace Pipeline.Local.Cosmos.Sql;

internal sealed class FunctionExpression(SqlFunction function, SqlExpression[] arguments) : SqlExpression
{
    public SqlFunction Function => function;
    public SqlExpression[] Arguments => arguments;

    public override SqlValue Evaluate(SqlRow row)
    {
        var values = new SqlValue[arguments.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = arguments[i].Evaluate(row);
        return function.Call(values, row);
    }
}
