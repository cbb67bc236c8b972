namespace Pipeline.Consumers;

/// <summary>A gateway's breaker is open: its handlers do not run.</summary>
/// <param name="gateway">The gateway.</param>
/// <param name="retryAfter">When the breaker may let a call through, at the earliest.</param>
/// <param name="cause">What the breaker said.</param>
internal sealed class GatewayUnavailableException(string gateway, TimeSpan retryAfter, Exception cause)
    : Exception($"The gateway '{gateway}' fails too often to be called now; its breaker on this instance is open.", cause)
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}
