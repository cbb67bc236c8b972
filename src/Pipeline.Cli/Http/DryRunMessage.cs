using System.Text.Json;

namespace Pipeline.Cli.Http;

internal sealed record DryRunMessage(string EventId, string Type, string Destination, string Key, string? Sequence, JsonElement? Data, string? DataRef);
