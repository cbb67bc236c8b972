namespace Pipeline.Local.ServiceBus;

/// <summary>A rule: one filter, and what it does to the message that it selects.</summary>
internal sealed record RuleDefinition
{
    /// <summary>1 to 50 characters.</summary>
    public required string Name { get; init; }

    /// <summary>A SQL filter, up to 1,024 characters; <c>1=1</c> takes everything and <c>1=0</c> nothing.</summary>
    public string? SqlFilter { get; init; }

    /// <summary>Takes what has all of these values.</summary>
    public CorrelationDefinition? CorrelationFilter { get; init; }

    /// <summary>A SQL action, up to 1,024 characters. A rule with one makes a copy of its own.</summary>
    public string? SqlAction { get; init; }
}
