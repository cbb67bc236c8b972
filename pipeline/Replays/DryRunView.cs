using System.Text.Json.Nodes;
using Pipeline.JsonPatches;
using Pipeline.Ledger;

namespace Pipeline.Replays;

/// <summary>How a step of a dry run ends.</summary>
public static class DryRunOutcomes
{
    /// <summary>It would be handled, with the effect that is shown.</summary>
    public const string Handled = "handled";

    /// <summary>
    /// It would be handled if gateways answer as is assumed, here or in a step before on which this one stands: nobody knows that,
    /// and a gateway that is still down would not.
    /// </summary>
    public const string Assumed = "assumed";

    /// <summary>It had its effect before: its entry would be closed, and nothing else happens.</summary>
    public const string AlreadyHandled = "alreadyHandled";

    /// <summary>It would fail again; its subject stays blocked by it.</summary>
    public const string Failed = "failed";

    /// <summary>The dry run cannot tell: a gateway has no stand-in.</summary>
    public const string Unknown = "unknown";
}

/// <summary>What the replay of one subject at one consumer would do, as things stand. Nothing was written.</summary>
public sealed record DryRunView
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

    /// <summary>How many entries of the line were not looked at: they are behind one that fails, or beyond the limit.</summary>
    public required int NotReached { get; init; }

    /// <summary>Whether it ended because of the limit on steps or time, not because the line did.</summary>
    public bool LimitReached { get; init; }

    /// <summary>Whether the subject was written meanwhile, so that this is no longer what would happen: run it again.</summary>
    public bool MovedOn { get; init; }
}

/// <summary>The dry run of one subject of a planned replay.</summary>
/// <param name="Number">The subject's number in the plan.</param>
/// <param name="Partition">The subject.</param>
/// <param name="Consumer">The consumer.</param>
/// <param name="Refused">Why applying the plan would leave it as it is; <see langword="null"/> if it would not.</param>
/// <param name="DryRun">What its replay would do; <see langword="null"/> if it would be left as it is.</param>
public sealed record PlannedDryRun(int Number, string Partition, string Consumer, string? Refused, DryRunView? DryRun);

/// <summary>What would happen to one entry.</summary>
public sealed record DryRunStep
{
    /// <summary>The ledger entry.</summary>
    public required string Entry { get; init; }

    /// <summary>CloudEvents id; <see langword="null"/> if the body is no event.</summary>
    public string? EventId { get; init; }

    /// <summary>CloudEvents type.</summary>
    public string? Type { get; init; }

    /// <summary>The source's sequence.</summary>
    public long? Sequence { get; init; }

    /// <summary>The edit that made the event what it is; <see langword="null"/> if it is as it came.</summary>
    public string? Edit { get; init; }

    /// <summary>One of <see cref="DryRunOutcomes"/>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Of what fails: one of <see cref="Reasons"/>; <see langword="null"/> otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>Of what fails: what would be said of it, with the path of what breaks the contract. Of what is unknown: why.</summary>
    public string? Description { get; init; }

    /// <summary>Of a handler's failure: the exception.</summary>
    public ExceptionView? Exception { get; init; }

    /// <summary>What changes in the state, for each partition that is written.</summary>
    public IReadOnlyList<StateChange> State { get; init; } = [];

    /// <summary>The domain events that would be appended, in order.</summary>
    public IReadOnlyList<JsonNode> Events { get; init; } = [];

    /// <summary>The messages that would be sent, in order.</summary>
    public IReadOnlyList<DryRunMessage> Messages { get; init; } = [];

    /// <summary>What the gateways would be asked.</summary>
    public IReadOnlyList<GatewayCall> Calls { get; init; } = [];
}

/// <summary>How the state of one partition changes.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Changes">Where, with old and new values; the first <see cref="DryRun.MaxChanges"/>.</param>
/// <param name="More">How many changes there are besides.</param>
public sealed record StateChange(string Partition, IReadOnlyList<JsonDifference> Changes, int More);

/// <summary>A message that would be sent.</summary>
/// <param name="EventId">CloudEvents id that it would have.</param>
/// <param name="Type">CloudEvents type.</param>
/// <param name="Destination">The topic or queue.</param>
/// <param name="Key">The ordering key.</param>
/// <param name="Sequence">CloudEvents sequence, as text; <see langword="null"/> for commands and replies.</param>
/// <param name="Data">The data; <see langword="null"/> if it is so large that it would be stored apart.</param>
/// <param name="DataRef">Where it would be stored apart; else <see langword="null"/>.</param>
public sealed record DryRunMessage(string EventId, string Type, string Destination, string Key, string? Sequence, JsonNode? Data, string? DataRef);
