namespace Pipeline.AzureFunctions.OperatorApi;

internal sealed record FlowBody(string CorrelationId, IReadOnlyList<FlowStep> Steps);
