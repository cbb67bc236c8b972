using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Tests.Conformance;

/// <summary>
/// The embedded broker as what the conformance tests run against. In <c>ServiceBusAzure/</c> there is a type of this name for
/// Azure and the official emulator: the tests themselves know the official client only.
/// </summary>
internal sealed class ServiceBusTarget : IAsyncDisposable
{
    private readonly Broker _broker;

    private ServiceBusTarget(Broker broker) => _broker = broker;

    public static Task<ServiceBusTarget> OpenAsync()
    {
        var topology = BrokerTopology.Read(Path.Combine(AppContext.BaseDirectory, "Conformance", "ServiceBusEntities.json"));
        return Task.FromResult(new ServiceBusTarget(
            Broker.Open($"conformance-{Guid.NewGuid():N}", topology, null, TimeProvider.System, NullLogger.Instance)));
    }

    public ServiceBusClient CreateClient(ServiceBusClientOptions? options = null) =>
        new($"Endpoint=sb://{_broker.FullyQualifiedNamespace}", options ?? new ServiceBusClientOptions());

    public ValueTask DisposeAsync()
    {
        _broker.Dispose();
        return ValueTask.CompletedTask;
    }
}
