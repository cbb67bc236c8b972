namespace Pipeline.Functions;

internal sealed record MovementBody(string Key, decimal Amount, DateTimeOffset Time);
