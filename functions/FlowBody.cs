namespace Pipeline.Functions;

internal sealed record FlowBody(string CorrelationId, IReadOnlyList<FlowStep> Steps);
