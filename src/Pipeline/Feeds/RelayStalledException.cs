namespace Pipeline.Outbox;

/// <summary>Nothing could be published at all: the broker is unavailable, say. The batch should be delivered again.</summary>
public sealed class RelayStalledException : Exception
{
    /// <summary>Creates the exception.</summary>
    public RelayStalledException(string message)
        : base(message)
    {
    }
}
