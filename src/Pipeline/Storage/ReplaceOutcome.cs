namespace Pipeline.Storage;

/// <summary>How the replacement of one record ended.</summary>
internal enum ReplaceOutcome
{
    /// <summary>The record has another etag now (412).</summary>
    Changed,

    /// <summary>The record does not exist any more (404).</summary>
    Gone,

    /// <summary>The record was replaced.</summary>
    Replaced,
}
