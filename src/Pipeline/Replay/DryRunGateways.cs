using Pipeline.Failures;

namespace Pipeline.Replay;

/// <summary>Gives the handlers of one dry run dry-run gateways, and never a real gateway.</summary>
internal sealed class DryRunGateways(IEnumerable<DryRunGateway> standIns, IServiceProvider gateways, GatewayLog log) : IServiceProvider
{
    private readonly Dictionary<Type, DryRunGateway> _definitions = standIns.ToDictionary(s => s.Gateway);
    private readonly Dictionary<Type, object> _made = [];

    /// <summary>The gateway that was asked for and has no dry-run gateway, by name; <see langword="null"/> if there was none.</summary>
    public string? Missing { get; private set; }

    /// <inheritdoc/>
    public object? GetService(Type serviceType)
    {
        if (_made.TryGetValue(serviceType, out var made))
            return made;
        if (!_definitions.TryGetValue(serviceType, out var definition))
        {
            Missing = serviceType.Name;
            throw new PermanentFailureException($"The gateway '{serviceType.Name}' has no dry-run gateway, so a dry run cannot tell what would happen. Register one with {nameof(DryRunGateway)}.{nameof(DryRunGateway.For)}.");
        }

        return _made[serviceType] = definition.Create(gateways, log);
    }
}
