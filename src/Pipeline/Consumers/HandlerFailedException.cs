namespace Pipeline.Consumers;

/// <summary>A handler or its gateway failed, as opposed to our own store. The inner exception is the failure.</summary>
internal sealed class HandlerFailedException(Exception cause) : Exception(cause.Message, cause);
