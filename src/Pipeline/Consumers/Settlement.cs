using Pipeline.Failures;

namespace Pipeline.Consumers;

/// <summary>What to do with a delivery, and why.</summary>
/// <param name="Kind">What to do with the delivery.</param>
/// <param name="Reason">For a dead letter or refusal: one of <see cref="DeadLetterReasons"/>.</param>
/// <param name="Description">For a dead letter or refusal: what happened.</param>
public readonly record struct Settlement(SettlementKind Kind, string? Reason = null, string? Description = null)
{
    internal static Settlement Complete => new(SettlementKind.Complete);

    internal static Settlement Abandon => new(SettlementKind.Abandon);

    internal static Settlement GiveBack => new(SettlementKind.GiveBack);

    internal static Settlement Refuse(Failure failure) => new(SettlementKind.Refuse, failure.Reason, failure.Description);

    internal static Settlement DeadLetter(Failure failure) => new(SettlementKind.DeadLetter, failure.Reason, failure.Description);
}
