namespace Pipeline.Local.ServiceBus;

/// <summary>A rule cannot be evaluated for a message. The name is the one that Azure gives as dead-letter reason.</summary>
internal sealed class FilterException(string message) : Exception(message);
