namespace Pipeline.Functions;

internal sealed record ProblemTypeBody(string Type, string Title, int Status, string Description);
