using System.Text.Json;

namespace Pipeline.Cli.Http;

internal sealed record EditEventRequest(string EventId, string? Source, JsonElement? Patch, JsonElement? Replacement, string Why, string By);
