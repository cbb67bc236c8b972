namespace Pipeline.Functions;

internal sealed record ResumedBody(int Resumed, bool More, DateTimeOffset Before);
