using System.Text.Json;

namespace Pipeline.Cli.Http;

internal sealed record EditGroupRequest(
    string Fingerprint, string? Consumer, int Count, DateTimeOffset Before, JsonElement Patch, string Why, string By, string? Continuation);
