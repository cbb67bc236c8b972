namespace Pipeline.Cli.Http;

internal sealed record StopReplayRequest(string By, string? Why);
