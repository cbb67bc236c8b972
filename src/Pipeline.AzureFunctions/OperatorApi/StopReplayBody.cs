using System.Text.Json.Serialization;

namespace Pipeline.AzureFunctions.OperatorApi;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record StopReplayBody(string? By, string? Why);
