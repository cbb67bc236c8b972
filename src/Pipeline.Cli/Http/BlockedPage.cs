using System.Text.Json;

namespace Pipeline.Cli.Http;

internal sealed record BlockedPage(IReadOnlyList<JsonElement> Items, string? Continuation, IReadOnlyList<QueueStatus>? StandingStill);
