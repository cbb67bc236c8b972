namespace Pipeline.Contracts.Surfaces;

/// <summary>The effect of a change on the readers of a contract.</summary>
public enum ChangeEffect
{
    /// <summary>Harmless: both versions work with each other. It only has to be approved.</summary>
    Harmless,

    /// <summary>Wider limits in a contract that only services of this pipeline read: they must be deployed before the senders.</summary>
    Loosening,

    /// <summary>Breaks readers, or consumers of events that were sent before.</summary>
    Breaking,
}
