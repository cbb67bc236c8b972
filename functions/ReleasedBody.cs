namespace Pipeline.Functions;

internal sealed record ReleasedBody(int Released, bool More, DateTimeOffset Before);
