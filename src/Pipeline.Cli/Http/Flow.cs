namespace Pipeline.Cli.Http;

internal sealed record Flow(string CorrelationId, IReadOnlyList<FlowStep> Steps);
