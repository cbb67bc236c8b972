namespace Pipeline.Outbox;

/// <summary>Counts what a dispatch came to.</summary>
/// <param name="Published">Records that were published or quarantined.</param>
/// <param name="Failed">Records that the broker did not accept because it is unavailable.</param>
internal readonly record struct DispatchTally(int Published, int Failed)
{
    public static DispatchTally operator +(DispatchTally a, DispatchTally b) => new(a.Published + b.Published, a.Failed + b.Failed);
}
