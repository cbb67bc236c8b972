using System.Text.Json;

namespace Pipeline.Cli.Http;

internal sealed record GatewayCall(string Gateway, string Method, JsonElement? Arguments, JsonElement? Answer, string Source, string? Note);
