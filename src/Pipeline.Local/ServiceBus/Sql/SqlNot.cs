namespace Pipeline.Local.ServiceBus;

internal sealed class SqlNot(SqlNode operand) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context) => operand.Evaluate(context) is bool value ? !value : SqlValues.Unknown;
}
