namespace Pipeline.CloudEvents;

/// <summary>What kind of thing is wrong with JSON.</summary>
public enum JsonFaultKind
{
    /// <summary>It is not JSON, not UTF-8, or deeper than is read.</summary>
    NotJson,

    /// <summary>It follows the grammar, but readers make different things of it: a name twice, or half a surrogate pair.</summary>
    Ambiguous,
}

/// <summary>What is wrong with JSON, and where.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Path">Where, as in <c>$.lines[0].quantity</c>.</param>
/// <param name="What">What is wrong there, to go on after the path.</param>
public readonly record struct JsonFault(JsonFaultKind Kind, string Path, string What)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {What}";
}
