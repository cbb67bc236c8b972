namespace Pipeline.Local.Testing;

/// <summary>A <see cref="PipelineHost"/> did not come to rest in time. The message names what is still busy.</summary>
public sealed class NotQuietException : TimeoutException
{
    /// <summary>Creates the exception.</summary>
    internal NotQuietException(TimeSpan waited, IReadOnlyList<string> busy)
        : base(string.Create(CultureInfo.InvariantCulture, $"Not quiet after {waited.TotalSeconds:0.#} s. Still busy:\n  {string.Join("\n  ", busy)}")) => Busy = busy;

    /// <summary>What was still busy, a line each.</summary>
    public IReadOnlyList<string> Busy { get; }
}
