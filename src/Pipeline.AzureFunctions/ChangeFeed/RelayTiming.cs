namespace Pipeline.AzureFunctions.ChangeFeed;

/// <summary>Leases and retries of the generated functions on the change feeds.</summary>
public static class RelayTiming
{
    /// <summary>How long a crashed instance's leases stay its own. The recovery sweep covers the time until then.</summary>
    public const int LeaseExpirationMilliseconds = 20_000;

    /// <summary>How often a lease is renewed.</summary>
    public const int LeaseRenewMilliseconds = 6_000;

    /// <summary>How often an instance looks for leases to take.</summary>
    public const int LeaseAcquireMilliseconds = 5_000;

    /// <summary>The first pause after a failed batch.</summary>
    public const string FirstRetry = "00:00:01";

    /// <summary>The longest pause after a failed batch.</summary>
    public const string LongestRetry = "00:00:15";
}
