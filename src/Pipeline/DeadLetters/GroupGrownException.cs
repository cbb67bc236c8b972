namespace Pipeline.DeadLetters;

/// <summary>A group has more open entries than were confirmed.</summary>
public sealed class GroupGrownException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="count">How many there are, at least.</param>
    /// <param name="confirmed">How many were confirmed.</param>
    public GroupGrownException(int count, int confirmed)
        : base(string.Create(CultureInfo.InvariantCulture,
            $"The group has {count} open entries or more, not the {confirmed} that were confirmed."))
    {
    }
}
