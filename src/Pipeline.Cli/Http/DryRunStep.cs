using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Cli.Http;

internal sealed record DryRunStep(
    string Entry,
    string? EventId,
    string? Type,
    long? Sequence,
    string? Edit,
    string Outcome,
    string? Reason,
    string? Description,
    IReadOnlyList<StateChange>? State,
    IReadOnlyList<JsonElement>? Events,
    IReadOnlyList<DryRunMessage>? Messages,
    IReadOnlyList<GatewayCall>? Calls)
{
    [JsonIgnore]
    public bool IsStuck => Outcome is not ("handled" or "alreadyHandled" or "assumed");

    /// <summary>Whether it depends on an assumption; an older pipeline reports that only for the calls.</summary>
    [JsonIgnore]
    public bool IsAssumed => Outcome == "assumed" || (Outcome == "handled" && AssumedCalls.Any());

    [JsonIgnore]
    public IEnumerable<GatewayCall> AssumedCalls => (Calls ?? []).Where(c => c.Source == "assumed");
}
