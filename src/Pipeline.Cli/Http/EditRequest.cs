using System.Text.Json;

namespace Pipeline.Cli.Http;

internal sealed record EditRequest(JsonElement? Patch, JsonElement? Replacement, string Why, string By, int? From);
