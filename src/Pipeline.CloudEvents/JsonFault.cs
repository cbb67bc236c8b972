namespace Pipeline.CloudEvents;

/// <summary>What is wrong with JSON, and where.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Path">Where, as in <c>$.lines[0].quantity</c>.</param>
/// <param name="What">What is wrong there, to go on after the path.</param>
public readonly record struct JsonFault(JsonFaultKind Kind, string Path, string What)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {What}";
}
