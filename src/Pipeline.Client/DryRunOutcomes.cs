namespace Pipeline.Client;

/// <summary>How a step of a dry run ends.</summary>
public static class DryRunOutcomes
{
    /// <summary>It would be handled, with the effect that is shown.</summary>
    public const string Handled = "handled";

    /// <summary>
    /// It would be handled if gateways answer as is assumed, here or in a step before on which this one stands: that is not known,
    /// and a gateway that is still down would not.
    /// </summary>
    public const string Assumed = "assumed";

    /// <summary>It had its effect before: its entry would be closed, and nothing else happens.</summary>
    public const string AlreadyHandled = "alreadyHandled";

    /// <summary>It would fail again; its subject stays blocked by it.</summary>
    public const string Failed = "failed";

    /// <summary>The dry run cannot tell: a gateway has no dry-run gateway.</summary>
    public const string Unknown = "unknown";
}
