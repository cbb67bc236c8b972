namespace Pipeline.Outbox;

/// <summary>What became of one record.</summary>
internal enum PublishOutcome
{
    Published,

    /// <summary>Its topic or queue takes nothing now; the sweep tries again.</summary>
    DestinationFailed,

    /// <summary>The broker is out of reach; the sweep tries again.</summary>
    Failed,

    /// <summary>Never as it is.</summary>
    Refused,
}
