namespace Pipeline.Local.ServiceBus;

/// <summary>A message that is, or is about to be, in a queue.</summary>
internal readonly record struct Copy(BrokerQueue Queue, BrokerMessage Message);
