namespace Pipeline.Messages;

/// <summary>Who gets what, as the topology has it. Subscribers outside of it are not known here.</summary>
public sealed class Listeners
{
    private readonly ILookup<string, Listener> _byType;

    /// <summary>Creates it.</summary>
    /// <param name="all">CloudEvents types, each with one of its consumers.</param>
    public Listeners(IEnumerable<(string Type, Listener Listener)> all) => _byType = all.ToLookup(l => l.Type, l => l.Listener, StringComparer.Ordinal);

    /// <summary>The consumers of a type; empty if there is none.</summary>
    public IEnumerable<Listener> Of(string type) => _byType[type];

    /// <summary>Whether any consumer gets that type.</summary>
    public bool Any(string type) => _byType.Contains(type);
}
