namespace Pipeline.Consumers;

/// <summary>How handlers get at gateways.</summary>
/// <param name="Gateways">Has the gateways.</param>
/// <param name="Breakers">The breakers of the gateways; <see langword="null"/> to call them whatever happens.</param>
/// <param name="IsRetry">Whether the messages have failed before; see <see cref="GatewayBreakers"/>.</param>
internal readonly record struct GatewayAccess(IServiceProvider Gateways, GatewayBreakers? Breakers, bool IsRetry)
{
    /// <summary>Calls a gateway through its breaker.</summary>
    /// <exception cref="GatewayUnavailableException">The breaker is open.</exception>
    /// <exception cref="InvalidOperationException">The gateway is not registered.</exception>
    public Task<T> CallAsync<T>(Type type, Func<object, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var gateway = Gateways.GetService(type) ?? throw new InvalidOperationException($"The gateway '{type}' is not registered; add it to the service collection.");
        return Breakers is { } breakers
            ? breakers.RunAsync(type, IsRetry, token => call(gateway, token), cancellationToken)
            : call(gateway, cancellationToken);
    }
}
