namespace Pipeline.Local.ServiceBus;

/// <summary>A part of a SQL rule. Its value may be <see cref="SqlValues.Unknown"/>.</summary>
internal abstract class SqlNode
{
    /// <summary>Whether it is a condition, not a value.</summary>
    public virtual bool IsPredicate => false;

    /// <exception cref="FilterException">It has no value for this message.</exception>
    public abstract object? Evaluate(SqlContext context);
}
