namespace Pipeline.Outbox;

/// <summary>What became of the messages of an outbox record, and why.</summary>
/// <param name="Outcome">What became of them.</param>
/// <param name="Reason">Why they were not published; <see langword="null"/> if they were.</param>
internal readonly record struct PublishResult(PublishOutcome Outcome, string? Reason = null)
{
    public static PublishResult Published => new(PublishOutcome.Published);
}
