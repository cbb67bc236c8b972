using Pipeline.Failures;

namespace Pipeline.Replay;

/// <summary>
/// What takes the place of a gateway in a dry run: it records what the handler asks for and answers without any effect.
/// One is registered for each gateway that a consumer calls.
/// </summary>
public abstract class DryRunGateway
{
    private protected DryRunGateway()
    {
    }

    /// <summary>The gateway's interface.</summary>
    public abstract Type Gateway { get; }

    internal abstract object Create(IServiceProvider gateways, GatewayLog log);

    /// <summary>Defines the dry-run gateway of one gateway.</summary>
    /// <param name="create">Makes it for one dry run, of the real gateway, which it may only ask for what was done before, and the calls to record.</param>
    public static DryRunGateway For<TGateway>(Func<TGateway, GatewayCalls, TGateway> create)
        where TGateway : class => new Of<TGateway>(create);

    private sealed class Of<TGateway>(Func<TGateway, GatewayCalls, TGateway> create) : DryRunGateway
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
