namespace Pipeline.Testing;

/// <summary>A scenario or its check failed, without a crash or after one. The message says after which operation, the inner exception what failed.</summary>
public sealed class CrashCheckException : Exception
{
    internal CrashCheckException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
