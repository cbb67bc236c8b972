using System.Text.Json.Serialization;

namespace Pipeline.AzureFunctions.OperatorApi;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PlanReplayBody(
    string? Entry,
    string? Subject,
    string? Consumer,
    string? Type,
    string? Reason,
    string? Fingerprint,
    DateTimeOffset? From,
    DateTimeOffset? To,
    int? Rate,
    int? MaxFailed,
    string? By,
    string? Why,
    bool? Apply);
