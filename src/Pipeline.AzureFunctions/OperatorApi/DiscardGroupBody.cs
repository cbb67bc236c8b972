using System.Text.Json.Serialization;

namespace Pipeline.AzureFunctions.OperatorApi;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DiscardGroupBody(string? Fingerprint, string? Consumer, int? Count, DateTimeOffset? Before, int? Limit, string? Reason, string? By);
