namespace Pipeline.CloudEvents;

/// <summary>Why something is no CloudEvent.</summary>
public enum EventFaultKind
{
    /// <summary>It is not JSON at all.</summary>
    NotJson,

    /// <summary>It does not follow the specification.</summary>
    NotAnEvent,

    /// <summary>It follows the specification, but an attribute is longer than is taken here.</summary>
    TooLong,
}
