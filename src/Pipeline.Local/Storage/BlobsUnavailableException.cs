namespace Pipeline.Local.Storage;

/// <summary>The blob service cannot be started. The message says what to do about it.</summary>
internal sealed class BlobsUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
