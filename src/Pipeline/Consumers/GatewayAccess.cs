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
    public Task<T> CallAsync<TGateway, T>(Func<TGateway, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
        where TGateway : class
    {
        var gateway = (TGateway?)Gateways.GetService(typeof(TGateway))
            ?? throw new InvalidOperationException($"The gateway '{typeof(TGateway)}' is not registered; add it to the service collection.");
        return Breakers is { } breakers
            ? breakers.RunAsync(typeof(TGateway), IsRetry, token => call(gateway, token), cancellationToken)
            : call(gateway, cancellationToken);
    }
}
