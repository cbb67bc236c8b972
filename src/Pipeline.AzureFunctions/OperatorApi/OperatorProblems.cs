using Pipeline.AzureFunctions.Http;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>
/// Problems of the operations for operators. The slugs are part of the API: clients compare them, so they never change.
/// </summary>
internal static class OperatorProblems
{
    public static ProblemType ActorAndReasonRequired { get; } = new(
        "actor-and-reason-required", 400, "Actor and reason required", "Send who does it in `by` and the reason in `reason`; both are kept.");

    public static ProblemType ActorRequired { get; } = new(
        "actor-required", 400, "Actor required", "Send who does it in `by`, and optionally the reason in `why`; both are kept.");

    public static ProblemType ActorOrReasonInvalid { get; } = new(
        "actor-or-reason-invalid", 400, "Invalid actor or reason", "`by` or `why` is empty or too long.");

    public static ProblemType ConfirmationTokenRequired { get; } = new(
        "confirmation-token-required", 400, "Confirmation token required",
        "Send `count` and `before`: the `count` of the group and the `asOf` of `GET /api/dead-letters/groups`. They confirm which dead letters you have seen.");

    public static ProblemType GroupRequired { get; } = new(
        "group-required", 400, "Group required", "Name the group: a `fingerprint` other than `unknown`, or part of a `reason` or a `type` of outbox messages.");

    public static ProblemType GroupGrown { get; } = new(
        "group-grown", 409, "Group has grown", "The group has more dead letters than you confirmed. Nothing was changed. Read the group again and confirm its new count.");

    public static ProblemType ConsumerUnknown { get; } = new(
        "consumer-unknown", 400, "Unknown consumer", "Name one of the consumers that `detail` lists.");

    public static ProblemType StatusUnknown { get; } = new("status-unknown", 400, "Unknown status", "Use one of the statuses that `detail` lists.");

    public static ProblemType FingerprintInvalid { get; } = new(
        "fingerprint-invalid", 400, "Invalid fingerprint", "A fingerprint is 12 hexadecimal digits in lower case, or `unknown`.");

    public static ProblemType SubjectInvalid { get; } = new("subject-invalid", 400, "Invalid subject", "The text cannot be a subject; `detail` says why.");

    public static ProblemType DeadLetterClosed { get; } = new(
        "dead-letter-closed", 409, "Dead letter closed", "The dead letter was handled or discarded before. Nothing was changed.");

    public static ProblemType DryRunNotPossible { get; } = new(
        "dry-run-not-possible", 409, "Dry run not possible", "Nothing can be run: the dead letter is closed or does not block its subject, or its consumer does not exist any more.");

    public static ProblemType EditIncomplete { get; } = new(
        "edit-incomplete", 400, "Incomplete edit", "Send `patch` or `replacement`, `why` and `by`.");

    public static ProblemType EditRefused { get; } = new(
        "edit-refused", 422, "Edit refused", "The patch cannot be applied, or the edited message violates its contract. Nothing was changed; `errors` has the path.");

    public static ProblemType EditConflict { get; } = new(
        "edit-conflict", 409, "Edit conflict", "The dead letter is closed, is being replayed, or has other edits than you have seen. Nothing was changed.");

    public static ProblemType EventIdRequired { get; } = new(
        "event-id-required", 400, "Event id required", "Send the CloudEvents id in `eventId`, as the list of dead letters shows it.");

    public static ProblemType EventAmbiguous { get; } = new(
        "event-ambiguous", 409, "Ambiguous event", "Events of several sources have this id. Send the `source` too. Nothing was edited.");

    public static ProblemType OutboxMessageDiscarded { get; } = new(
        "outbox-message-discarded", 409, "Outbox message already discarded", "It was discarded before with another actor or reason. Nothing was changed.");

    public static ProblemType OutboxMessageTooLarge { get; } = new(
        "outbox-message-too-large", 409, "Outbox message too large to keep", "The message is too large to be stored as discarded. Nothing was changed.");

    public static ProblemType ReplaySelectionRequired { get; } = new(
        "replay-selection-required", 400, "Selection required", "Select what to replay: an `entry`, or any of `subject`, `consumer`, `type`, `reason`, `fingerprint`, `from` and `to`.");

    public static ProblemType ReplaySelectionAmbiguous { get; } = new(
        "replay-selection-ambiguous", 400, "Ambiguous selection", "`entry` selects one dead letter and goes with `consumer` only. To replay what waits behind it too, select its `subject`.");

    public static ProblemType ReplayRefused { get; } = new(
        "replay-refused", 409, "Replay refused", "The replay cannot be planned, applied or stopped; `detail` says why.");

    public static ProblemType PositionAmbiguous { get; } = new(
        "position-ambiguous", 400, "Ambiguous position", "Send either `continuation` or `since`.");

    public static ProblemType TooManyPhysicalPartitions { get; } = new(
        "too-many-physical-partitions", 501, "Too many physical partitions", "The containers are too large to report their activity over HTTP. Use the metrics.");

    /// <summary>Gets all of them, in the order of the documentation.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        ActorAndReasonRequired, ActorRequired, ActorOrReasonInvalid, ConfirmationTokenRequired, GroupRequired, GroupGrown,
        ConsumerUnknown, StatusUnknown, FingerprintInvalid, SubjectInvalid, DeadLetterClosed, DryRunNotPossible, EditIncomplete,
        EditRefused, EditConflict, EventIdRequired, EventAmbiguous, OutboxMessageDiscarded, OutboxMessageTooLarge,
        ReplaySelectionRequired, ReplaySelectionAmbiguous, ReplayRefused, PositionAmbiguous, TooManyPhysicalPartitions,
    ];
}
