namespace Pipeline.Outbox;

/// <summary>What became of the messages of an outbox record, from good to bad: the worst destination decides.</summary>
internal enum PublishOutcome
{
    /// <summary>They were not sent yet.</summary>
    NotTried,

    /// <summary>All destinations accepted them.</summary>
    Published,

    /// <summary>One topic or queue accepts no messages now; the recovery sweep tries again.</summary>
    DestinationUnavailable,

    /// <summary>The broker is unavailable; the recovery sweep tries again.</summary>
    Unavailable,

    /// <summary>A message can never be accepted as it is.</summary>
    Refused,
}
