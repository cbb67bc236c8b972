using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Cli.Http;

internal sealed record DryRun(
    string Container, string Partition, string Consumer, IReadOnlyList<DryRunStep> Steps, int Handled, int NotReached, bool LimitReached, bool MovedOn)
{
    /// <summary>What a dry run of it exits with.</summary>
    [JsonIgnore]
    public int ExitCode => Steps.Any(s => s.IsStuck) ? Cli.ExitCode.Failed : Steps.Any(s => s.IsAssumed) ? Cli.ExitCode.Assumed : Cli.ExitCode.Ok;
}

internal sealed record PlannedDryRun(int Number, string? Partition, string? Consumer, string? Refused, DryRun? DryRun);

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

    /// <summary>Also of an older pipeline, which says so of the calls only.</summary>
    [JsonIgnore]
    public bool IsAssumed => Outcome == "assumed" || (Outcome == "handled" && AssumedCalls.Any());

    [JsonIgnore]
    public IEnumerable<GatewayCall> AssumedCalls => (Calls ?? []).Where(c => c.Source == "assumed");
}

internal sealed record StateChange(string Partition, IReadOnlyList<Difference>? Changes, int More);

internal sealed record Difference(string Path, string Kind, JsonElement? Old, JsonElement? New);

internal sealed record DryRunMessage(string EventId, string Type, string Destination, string Key, string? Sequence, JsonElement? Data, string? DataRef);

internal sealed record GatewayCall(string Gateway, string Method, JsonElement? Arguments, JsonElement? Answer, string Source, string? Note);

internal sealed record EditRequest(JsonElement? Patch, JsonElement? Replacement, string Why, string By, int? From);

internal sealed record EditEventRequest(string EventId, string? Source, JsonElement? Patch, JsonElement? Replacement, string Why, string By);

internal sealed record EventEdit(string EventId, string? Source, IReadOnlyList<EditedEntry> Items, int EditedCount);

internal sealed record EditedEntry(string Consumer, string Container, string Partition, string Id, string Outcome, string? Reason, string? Path);

internal sealed record EditGroupRequest(
    string Fingerprint, string? Consumer, int Count, DateTimeOffset Before, JsonElement Patch, string Why, string By, string? Continuation);

internal sealed record EditedGroup(int Edited, int AlreadyEdited, IReadOnlyList<RefusedEdit>? Refused, int RefusedCount, string? Continuation);

internal sealed record RefusedEdit(string Container, string Partition, string Id, string Reason, string? Path);
