namespace Pipeline.Local.ServiceBus;

/// <summary>A statement of a SQL action: SET, or REMOVE where there is no value.</summary>
internal sealed class SqlAction(SqlProperty target, SqlNode? value)
{
    /// <exception cref="FilterException">It cannot be done to this message.</exception>
    public void Apply(MessageChange change)
    {
        var result = value?.Evaluate(change.Current);
        if (ReferenceEquals(result, SqlValues.Unknown))
            result = null;
        if (target.IsSystem)
            change.SetSystem(target.Name, result);
        else if (value is null)
            change.Remove(target.Name);
        else
            change.Set(target.Name, result);
    }
}
