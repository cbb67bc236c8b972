namespace Pipeline.AzureFunctions.Http;

/// <summary>Whether an operation takes an <c>Idempotency-Key</c> header.</summary>
public enum IdempotencyKey
{
    /// <summary>It takes none.</summary>
    None,

    /// <summary>It takes one; without it, repeating the request does it again.</summary>
    Optional,

    /// <summary>It refuses requests without one.</summary>
    Required,
}
