using Azure.Messaging;
using Pipeline.Messages;

namespace Pipeline.Testing.Messages;

/// <summary>A message that a test delivers.</summary>
internal sealed record TestMessage(MessageType Type, CloudEvent Event, string Key, long? Sequence);
