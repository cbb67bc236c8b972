namespace Pipeline.AzureFunctions.OperatorApi;

internal sealed record ReleasedBody(int Released, bool More, DateTimeOffset Before);
