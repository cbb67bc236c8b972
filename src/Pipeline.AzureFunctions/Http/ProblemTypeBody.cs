namespace Pipeline.AzureFunctions.Http;

internal sealed record ProblemTypeBody(string Type, string Title, int Status, string Description);
