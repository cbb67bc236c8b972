namespace Pipeline.Consumers;

/// <summary>The outcome of a handling. Every path returns one.</summary>
/// <param name="Kind">What to do with the delivery.</param>
/// <param name="Reason">For a dead letter or refusal: one of <see cref="DeadLetters.DeadLetterReasons"/>.</param>
/// <param name="Description">For a dead letter or refusal: what happened.</param>
public readonly record struct Settlement(SettlementKind Kind, string? Reason = null, string? Description = null)
{
    internal static Settlement Complete => new(SettlementKind.Complete);

    internal static Settlement Abandon => new(SettlementKind.Abandon);

    internal static Settlement GiveBack => new(SettlementKind.GiveBack);

    internal static Settlement Refuse(string reason, string description) => new(SettlementKind.Refuse, reason, description);

    internal static Settlement DeadLetter(string reason, string description) => new(SettlementKind.DeadLetter, reason, description);
}
