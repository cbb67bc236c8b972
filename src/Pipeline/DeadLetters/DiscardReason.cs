using Pipeline.Client;

namespace Pipeline.DeadLetters;

/// <summary>Who gives a message up for good, and why.</summary>
/// <param name="Reason">Why; 1 to <see cref="MaxReasonLength"/> characters.</param>
/// <param name="By">Who; 1 to <see cref="MaxByLength"/> characters.</param>
public sealed record DiscardReason(string Reason, string By)
{
    /// <summary>The longest reason, in characters.</summary>
    public const int MaxReasonLength = 1000;

    /// <summary>The longest name, in characters.</summary>
    public const int MaxByLength = 200;

    /// <summary>Says what is wrong with it; <see langword="null"/> if it can be used.</summary>
    public static string? Error(string? reason, string? by) =>
        VisibleText.HiddenCharacterError(reason) is { } inReason ? $"'reason' {inReason}."
        : VisibleText.HiddenCharacterError(by) is { } inBy ? $"'by' {inBy}."
        : string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReasonLength ? $"'reason' says why, in 1 to {MaxReasonLength} characters."
        : string.IsNullOrWhiteSpace(by) || by.Length > MaxByLength ? $"'by' says who, in 1 to {MaxByLength} characters."
        : null;

    /// <summary>What a request comes to that finds the message closed before.</summary>
    /// <param name="before">How it was discarded; <see langword="null"/> if it was closed in another way.</param>
    /// <param name="now">The time of this request: an attempt whose answer was lost shows itself by it.</param>
    internal DiscardOutcome OutcomeAfter(DiscardDetails? before, DateTimeOffset now) =>
        before is null || before.Reason != Reason || before.By != By ? DiscardOutcome.Closed
        : before.At == now ? DiscardOutcome.Discarded
        : DiscardOutcome.AlreadyDiscarded;
}
