namespace Pipeline.Local.ServiceBus;

/// <summary>The message that a rule is tried on.</summary>
internal sealed class SqlContext(StoredMessage message, IReadOnlyDictionary<string, object> properties, Func<Guid> newId)
{
    public StoredMessage Message => message;

    public IReadOnlyDictionary<string, object> Properties => properties;

    public Guid NewId() => newId();

    /// <summary>An application property, whose name is compared without regard to case; unknown if there is none.</summary>
    public object? Property(string name)
    {
        if (properties.TryGetValue(name, out var value))
            return value;
        foreach (var (key, other) in properties)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return other;
        }

        return SqlValues.Unknown;
    }
}
