using Azure.Messaging.ServiceBus;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.Hosting;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Bench;

/// <summary>The official client and the embedded Service Bus over AMQP, both in this process, in memory; bodies of 1 KB.</summary>
[Config(typeof(ShortInProcess))]
[MemoryDiagnoser]
public class ServiceBusBenchmarks : IAsyncDisposable
{
    private const string Queue = "q";
    private const int Batch = 100;

    private readonly byte[] _body = new byte[1024];
    private readonly Broker _broker;
    private readonly ServiceBusEndpoint _endpoint;
    private readonly ServiceBusClient _client;
    private readonly ServiceBusSender _sender;
    private readonly ServiceBusReceiver _receiver;

    /// <summary>Opens a namespace and a client.</summary>
    public ServiceBusBenchmarks()
    {
        var topology = new BrokerTopology { Queues = [new QueueDefinition { Name = Queue, RequiresSession = false }] };
        _broker = Broker.Open(topology, null, TimeProvider.System, NullLogger.Instance);
        _endpoint = ServiceBusEndpoint.Open(_broker, 0, new LoopbackGuard([], null), NullLogger.Instance);
        _client = new ServiceBusClient(_endpoint.ConnectionString);
        _sender = _client.CreateSender(Queue);
        _receiver = _client.CreateReceiver(Queue, new ServiceBusReceiverOptions { PrefetchCount = Batch });
    }

    /// <summary>One message, received and completed.</summary>
    [Benchmark]
    public async Task SendReceiveComplete()
    {
        await _sender.SendMessageAsync(new ServiceBusMessage(_body));
        await _receiver.CompleteMessageAsync(await _receiver.ReceiveMessageAsync());
    }

    /// <summary>100 messages sent in one batch, received and completed one by one; the figures are of one message.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public async Task BatchOfAHundred()
    {
        await _sender.SendMessagesAsync(Enumerable.Range(0, Batch).Select(_ => new ServiceBusMessage(_body)));
        for (var received = 0; received < Batch;)
        {
            foreach (var message in await _receiver.ReceiveMessagesAsync(Batch - received))
            {
                await _receiver.CompleteMessageAsync(message);
                received++;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _endpoint.DisposeAsync();
        _broker.Dispose();
        GC.SuppressFinalize(this);
    }
}
