using System.Text.Json;

namespace Pipeline.Cli.Http;

internal sealed record Difference(string Path, string Kind, JsonElement? Old, JsonElement? New);
