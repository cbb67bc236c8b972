namespace Pipeline.Messages;

/// <summary>A consumer that gets messages of a type.</summary>
/// <param name="Consumer">Its name: <c>topic/subscription</c>, queue, or function of an Event Grid subscription.</param>
/// <param name="IsByEventGrid">Whether they come by Event Grid rather than Service Bus.</param>
public sealed record Listener(string Consumer, bool IsByEventGrid);
