namespace Pipeline.Cli;

/// <summary>A column of a <see cref="TextTable"/>. Its cells neither break nor shrink by default.</summary>
/// <param name="Name">The heading.</param>
internal sealed record Column(string Name)
{
    /// <summary>Whether cells may take several lines, broken at their spaces: causes, descriptions, lists of names.</summary>
    public bool Wraps { get; init; }

    public bool IsRight { get; init; }

    /// <summary>Whether it goes to a second line of the row if one line has no room for all.</summary>
    public bool IsBelow { get; init; }

    public static implicit operator Column(string name) => new(name);

    public static Column Wrapping(string name) => new(name) { Wraps = true };

    public static Column Right(string name) => new(name) { IsRight = true };

    public static Column Below(string name) => new(name) { IsBelow = true };

    public static Column WrappingBelow(string name) => new(name) { Wraps = true, IsBelow = true };
}
