namespace Pipeline.AzureFunctions.Webhooks;

/// <summary>How events lie in a request (CloudEvents HTTP protocol binding 1.0.2, section 3).</summary>
internal enum ContentMode
{
    /// <summary>Attributes in <c>ce-</c> headers, data in the body.</summary>
    Binary,

    /// <summary>One event in JSON.</summary>
    Structured,

    /// <summary>A JSON array of events.</summary>
    Batch,
}
