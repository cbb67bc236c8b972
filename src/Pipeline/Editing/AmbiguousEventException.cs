namespace Pipeline.Editing;

/// <summary>Events of several sources have the same id, and the caller did not say which one is meant.</summary>
public sealed class AmbiguousEventException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="eventId">The id.</param>
    /// <param name="sources">The sources.</param>
    public AmbiguousEventException(string eventId, IEnumerable<string?> sources)
        : base($"Events of several sources have the id '{eventId}': {string.Join(", ", sources.Select(s => $"'{s}'"))}. Say which one is meant with 'source'.")
    {
    }
}
