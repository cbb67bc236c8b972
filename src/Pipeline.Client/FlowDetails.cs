namespace Pipeline.Client;

/// <summary>All messages of one conversation, and what they caused.</summary>
/// <param name="CorrelationId">The conversation.</param>
/// <param name="Steps">One for each message and consumer: the handled ones first, by time, then the others.</param>
public sealed record FlowDetails(string CorrelationId, IReadOnlyList<FlowStep> Steps);
