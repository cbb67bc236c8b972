namespace Pipeline.Messages;

/// <summary>A consumer that gets messages of a type.</summary>
/// <param name="Consumer">Its name: <c>topic/subscription</c>, queue, or function of an Event Grid subscription.</param>
/// <param name="IsByEventGrid">Whether they come by Event Grid rather than Service Bus.</param>
public sealed record Listener(string Consumer, bool IsByEventGrid);

/// <summary>Who gets what, as the topology has it. Subscribers outside of it are not known here.</summary>
public sealed class Listeners
{
    private readonly ILookup<string, Listener> _byType;

    /// <summary>Creates it.</summary>
    /// <param name="all">CloudEvents types, each with one of its consumers.</param>
    public Listeners(IEnumerable<(string Type, Listener Listener)> all) => _byType = all.ToLookup(l => l.Type, l => l.Listener, StringComparer.Ordinal);

    /// <summary>The consumers of a type; empty if nobody listens.</summary>
    public IEnumerable<Listener> Of(string type) => _byType[type];

    /// <summary>Whether any consumer gets that type.</summary>
    public bool Any(string type) => _byType.Contains(type);
}
