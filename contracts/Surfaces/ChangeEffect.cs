namespace Pipeline.Contracts.Surfaces;

/// <summary>What a change does to those who read a contract.</summary>
public enum ChangeEffect
{
    /// <summary>Nothing: whoever has the other side's version goes on. It only has to be approved.</summary>
    Harmless,

    /// <summary>More is allowed than before, in a contract that only services of this pipeline read: they have to be deployed before those who send it.</summary>
    Loosening,

    /// <summary>Somebody breaks: who reads, or who finds events that were sent before.</summary>
    Breaking,
}
