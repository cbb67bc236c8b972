namespace Pipeline.Replay;

/// <summary>What a change makes of a stored replay.</summary>
/// <param name="IsMade">Whether the record was changed and has to be written.</param>
/// <param name="Refusal">Why the change was refused; <see langword="null"/> if it was not.</param>
internal readonly record struct ReplayChange(bool IsMade, string? Refusal)
{
    public static readonly ReplayChange Made = new(true, null);

    /// <summary>There was nothing to change.</summary>
    public static readonly ReplayChange None = new(false, null);

    public static ReplayChange Refused(string reason) => new(false, reason);
}
