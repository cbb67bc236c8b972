namespace Pipeline.AzureFunctions.OperatorApi;

internal sealed record HealthBody(string Status);
