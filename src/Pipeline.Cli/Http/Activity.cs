namespace Pipeline.Cli.Http;

internal sealed record Activity(
    DateTimeOffset From, DateTimeOffset To, bool More, IReadOnlyList<ConsumerActivity>? Consumers, string Continuation);
