namespace Microsoft.Azure.Functions.Worker;

/// <summary>
/// Runs a failed invocation again in place. Honoured for Cosmos DB and timer triggers only; on any other trigger it
/// is an error at startup (AZFW0012), because Azure ignores it there.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class RetryAttribute : Attribute
{
    /// <summary>How often to run again after the first failure; -1 = without end.</summary>
    public int MaxRetryCount { get; set; }
}

/// <summary>Runs again after the same delay every time.</summary>
public sealed class FixedDelayRetryAttribute : RetryAttribute
{
    /// <summary>Creates the policy.</summary>
    /// <param name="maxRetryCount">How often to run again; -1 = without end.</param>
    /// <param name="delayInterval">The delay as <c>hh:mm:ss</c>.</param>
    public FixedDelayRetryAttribute(int maxRetryCount, string delayInterval)
    {
        MaxRetryCount = maxRetryCount;
        DelayInterval = delayInterval;
    }

    /// <summary>The delay as <c>hh:mm:ss</c>.</summary>
    public string DelayInterval { get; }
}

/// <summary>Runs again after a delay that doubles from the minimum to the maximum.</summary>
public sealed class ExponentialBackoffRetryAttribute : RetryAttribute
{
    /// <summary>Creates the policy.</summary>
    /// <param name="maxRetryCount">How often to run again; -1 = without end.</param>
    /// <param name="minimumInterval">The first delay as <c>hh:mm:ss</c>.</param>
    /// <param name="maximumInterval">The longest delay as <c>hh:mm:ss</c>.</param>
    public ExponentialBackoffRetryAttribute(int maxRetryCount, string minimumInterval, string maximumInterval)
    {
        MaxRetryCount = maxRetryCount;
        MinimumInterval = minimumInterval;
        MaximumInterval = maximumInterval;
    }

    /// <summary>The first delay as <c>hh:mm:ss</c>.</summary>
    public string MinimumInterval { get; }

    /// <summary>The longest delay as <c>hh:mm:ss</c>.</summary>
    public string MaximumInterval { get; }
}
