namespace Pipeline.DeadLetters;

/// <summary>How a discard ended.</summary>
public enum DiscardOutcome
{
    /// <summary>There is no such entry.</summary>
    NotFound,

    /// <summary>The entry is closed now.</summary>
    Discarded,

    /// <summary>This very discard was carried out before; its answer may have been lost.</summary>
    AlreadyDiscarded,

    /// <summary>The entry is closed for another reason: it was handled, or another operator discarded it.</summary>
    Closed,
}
