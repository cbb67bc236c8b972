namespace Pipeline.Contracts;

/// <summary>A consumer as topology.json has it.</summary>
/// <param name="Name"><c>topic/subscription</c>, queue, or function of an Event Grid subscription.</param>
/// <param name="Types">The types that it gets.</param>
/// <param name="IsByEventGrid">Whether they come by Event Grid rather than Service Bus.</param>
/// <param name="HasSessions">Whether its Service Bus entity has sessions.</param>
public sealed record TopologyConsumer(string Name, IReadOnlyList<string> Types, bool IsByEventGrid, bool HasSessions = true);
