using Pipeline.Consumers;

namespace Pipeline.Replays;

/// <summary>
/// What takes the place of a gateway in a dry run: it records what the handler asks for and answers without any effect.
/// One is registered for each gateway that a consumer calls.
/// </summary>
public abstract class StandIn
{
    private protected StandIn()
    {
    }

    /// <summary>The gateway's interface.</summary>
    public abstract Type Gateway { get; }

    internal abstract object Create(IServiceProvider gateways, GatewayLog log);

    /// <summary>Defines the stand-in of one gateway.</summary>
    /// <param name="create">Makes it for one dry run, of the real gateway, which it may only ask for what was done before, and the calls to record.</param>
    public static StandIn For<TGateway>(Func<TGateway, GatewayCalls, TGateway> create)
        where TGateway : class => new Of<TGateway>(create);

    private sealed class Of<TGateway>(Func<TGateway, GatewayCalls, TGateway> create) : StandIn
        where TGateway : class
    {
        public override Type Gateway => typeof(TGateway);

        internal override object Create(IServiceProvider gateways, GatewayLog log)
        {
            var real = (TGateway?)gateways.GetService(typeof(TGateway))
                ?? throw new PermanentFailureException($"The gateway '{typeof(TGateway)}' is not registered; add it to the service collection.");
            return create(real, new GatewayCalls(typeof(TGateway).Name, log));
        }
    }
}

/// <summary>Gives the handlers of one dry run stand-ins, and never a real gateway.</summary>
internal sealed class StandIns(IEnumerable<StandIn> standIns, IServiceProvider gateways, GatewayLog log) : IServiceProvider
{
    private readonly Dictionary<Type, StandIn> _definitions = standIns.ToDictionary(s => s.Gateway);
    private readonly Dictionary<Type, object> _made = [];

    /// <summary>The gateway that was asked for and has no stand-in, by name; <see langword="null"/> if there was none.</summary>
    public string? Missing { get; private set; }

    /// <inheritdoc/>
    public object? GetService(Type serviceType)
    {
        if (_made.TryGetValue(serviceType, out var made))
            return made;
        if (!_definitions.TryGetValue(serviceType, out var definition))
        {
            Missing = serviceType.Name;
            throw new PermanentFailureException($"The gateway '{serviceType.Name}' has no stand-in, so a dry run cannot tell what would happen. Register one with {nameof(StandIn)}.{nameof(StandIn.For)}.");
        }

        return _made[serviceType] = definition.Create(gateways, log);
    }
}
