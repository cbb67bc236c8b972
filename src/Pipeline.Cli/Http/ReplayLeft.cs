namespace Pipeline.Cli.Http;

internal sealed record ReplayLeft(long BehindOthers, long NeverReplayed);
