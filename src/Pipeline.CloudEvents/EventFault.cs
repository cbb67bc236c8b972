namespace Pipeline.CloudEvents;

/// <summary>What is wrong with an event, and where.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Place">The attribute, the header, or a path in the JSON that begins with <c>$</c>; empty for the event as a whole.</param>
/// <param name="What">What is wrong, to go on after the place.</param>
public readonly record struct EventFault(EventFaultKind Kind, string Place, string What)
{
    /// <summary>The place and what is wrong there: <c>'id' is missing</c>.</summary>
    public override string ToString() => Place is "" ? What : Place[0] == '$' ? $"{Place}: {What}" : $"'{Place}' {What}";
}
