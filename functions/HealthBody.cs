namespace Pipeline.Functions;

internal sealed record HealthBody(string Status);
