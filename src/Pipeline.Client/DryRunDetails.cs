namespace Pipeline.Client;

/// <summary>What the replay of one subject at one consumer would do, as things stand. Nothing was written.</summary>
public sealed record DryRunDetails
{
    /// <summary>The container of the consumer.</summary>
    public required string Container { get; init; }

    /// <summary>The subject.</summary>
    public required string Partition { get; init; }

    /// <summary>The consumer.</summary>
    public required string Consumer { get; init; }

    /// <summary>What would happen to each entry, in their order: the blocked one first, then what waits behind it.</summary>
    public required IReadOnlyList<DryRunStep> Steps { get; init; }

    /// <summary>How many entries would be closed with an effect, whatever gateways say.</summary>
    public int Handled => Steps.Count(s => s.Outcome == DryRunOutcomes.Handled);

    /// <summary>How many entries would be closed with an effect only if gateways answer as is assumed.</summary>
    public int Assumed => Steps.Count(s => s.Outcome == DryRunOutcomes.Assumed);

    /// <summary>How many entries of the subject were not looked at: they are behind one that fails, or beyond the limit.</summary>
    public required int NotReached { get; init; }

    /// <summary>Whether it ended because of the limit on steps or time, not because the line did.</summary>
    public bool LimitReached { get; init; }

    /// <summary>Whether the subject was written meanwhile, so that this is no longer what would happen: run it again.</summary>
    public bool MovedOn { get; init; }
}
