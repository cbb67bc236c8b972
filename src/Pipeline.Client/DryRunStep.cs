using System.Text.Json.Nodes;

namespace Pipeline.Client;

/// <summary>What would happen to one entry.</summary>
public sealed record DryRunStep
{
    /// <summary>The dead letter.</summary>
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

    /// <summary>Of what fails: one of the reasons of dead letters, such as <c>HandlerFailed</c>; <see langword="null"/> otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>Of what fails: what would be said of it, with the path of what breaks the contract. Of what is unknown: why.</summary>
    public string? Description { get; init; }

    /// <summary>Of a handler's failure: the exception.</summary>
    public ExceptionDetails? Exception { get; init; }

    /// <summary>What changes in the state, for each partition that is written.</summary>
    public IReadOnlyList<StateChange> State { get; init; } = [];

    /// <summary>The domain events that would be appended, in order.</summary>
    public IReadOnlyList<JsonNode> Events { get; init; } = [];

    /// <summary>The messages that would be sent, in order.</summary>
    public IReadOnlyList<DryRunMessage> Messages { get; init; } = [];

    /// <summary>What the gateways would be asked.</summary>
    public IReadOnlyList<GatewayCall> Calls { get; init; } = [];
}
