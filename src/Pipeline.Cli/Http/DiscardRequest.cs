namespace Pipeline.Cli.Http;

internal sealed record DiscardRequest(string Reason, string By);
