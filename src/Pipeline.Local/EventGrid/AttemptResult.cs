namespace Pipeline.Local.EventGrid;

/// <summary>How an attempt ended.</summary>
/// <param name="Outcome">In Azure's words; "Delivered" for a success.</param>
/// <param name="Status">The webhook's answer; 0 if there was none.</param>
/// <param name="Error">What went wrong, for people.</param>
/// <param name="RetryAfter">When the webhook wants the next attempt.</param>
internal sealed record AttemptResult(string Outcome, int Status, string? Error = null, TimeSpan? RetryAfter = null)
{
    /// <summary>The platform is closing; the attempt does not count.</summary>
    public static AttemptResult Abandoned { get; } = new("Abandoned", 0);

    public bool IsDelivered => Status is >= 200 and <= 204;
}
