namespace Pipeline.CloudEvents;

/// <summary>What kind of thing is wrong with JSON.</summary>
public enum JsonFaultKind
{
    /// <summary>It is not JSON, not UTF-8, or deeper than is read.</summary>
    NotJson,

    /// <summary>It follows the grammar, but readers make different things of it: a name twice, or half a surrogate pair.</summary>
    Ambiguous,
}
