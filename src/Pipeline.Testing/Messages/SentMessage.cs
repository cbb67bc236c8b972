namespace Pipeline.Testing.Messages;

/// <summary>A message that was sent to a topic or queue.</summary>
/// <param name="Destination">The topic or queue.</param>
/// <param name="Body">The structured CloudEvent.</param>
/// <param name="NotBefore">When it may be delivered at the earliest; <see langword="null"/> for at once.</param>
internal sealed record SentMessage(string Destination, ReadOnlyMemory<byte> Body, DateTimeOffset? NotBefore);
