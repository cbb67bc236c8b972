using Azure.Messaging;

namespace Pipeline.Testing.Simulated;

/// <summary>An event that Event Grid has to deliver to a consumer.</summary>
internal sealed record WaitingEvent(string Consumer, CloudEvent Event);
