using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.Hosting;
using Pipeline.Local.ServiceBus;
using Pipeline.Tests.Interop;

namespace Pipeline.Tests.Conformance;

/// <summary>npm's <c>@azure/service-bus</c> against the embedded endpoint over AMQP; <c>servicebus.mjs</c> takes any other namespace too.</summary>
public sealed class ServiceBusConformanceNode
{
    [Fact]
    public async Task The_client_for_JavaScript_works()
    {
        var topology = new BrokerTopology { Queues = [new QueueDefinition { Name = "plain", RequiresSession = false }, new QueueDefinition { Name = "sessions" }] };
        using var broker = Broker.Open(topology, null, TimeProvider.System, NullLogger.Instance);
        await using var endpoint = ServiceBusEndpoint.Open(broker, 0, new LoopbackGuard([], null), NullLogger.Instance);

        var printed = await NodePackage.RunAsync("servicebus.mjs", [endpoint.ConnectionString], folder: "Conformance");

        Assert.EndsWith("done", printed.Trim(), StringComparison.Ordinal);
        var counts = broker.Counts();
        Assert.All(counts, entity => Assert.Equal((entity.Key, default(EntityCounts)), (entity.Key, entity.Value)));
    }
}
