using System.Text.Json;
using Azure.Core.Pipeline;
using Azure.Messaging;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Running;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Contracts.Ordering;
using Pipeline.Local.Cosmos;
using Pipeline.Messages;
using Pipeline.Payloads;
using Pipeline.Services;
using Pipeline.Services.Inventory;
using Pipeline.Storage;

namespace Pipeline.Bench;

/// <summary>One delivery through a consumer, on the embedded Cosmos DB in memory: what every event of the pipeline pays.</summary>
[Config(typeof(ShortInProcess))]
[MemoryDiagnoser]
public class HandlingBenchmarks : IDisposable
{
    private readonly CosmosEndpoint _endpoint = CosmosEndpoint.Open(null, TimeProvider.System, NullLogger.Instance);
    private readonly CosmosClient _client;
    private readonly ConsumerRunner _runner;
    private readonly ReceivedMessage _duplicate;
    private int _next;

    private static readonly MessageCatalog Messages = MessageCatalog.Of(ContractCatalog.All, null);

    public HandlingBenchmarks()
    {
        Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");
        _endpoint.EnsureContainer("pipeline", "inventory");
        _client = new CosmosClient(
            "AccountEndpoint=http://bench.local/;AccountKey=C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
            new CosmosClientOptions
            {
                ConnectionMode = ConnectionMode.Gateway,
                LimitToEndpoint = true,
                HttpClientFactory = () => new HttpClient(_endpoint.CreateHandler()),
            });
        var random = new Random(1);
        var payloads = new PayloadOptions();
        _runner = new ConsumerRunner(
            Reservation.OnOrdering,
            new CosmosPartitionStore(_client.GetContainer("pipeline", "inventory"), TimeProvider.System, random),
            new ConsumerServices(
            Messages,
            new ConsumerOptions(),
            new ClaimCheck(new BlobPayloadStore(() => BlobAccount.Of("UseDevelopmentStorage=true"), payloads, new HttpClientTransport()), payloads, TimeProvider.System),
            new ServiceCollection().BuildServiceProvider(),
            new GatewayBreakers(new GatewayBreakerOptions(), TimeProvider.System, NullLogger<GatewayBreakers>.Instance),
            TimeProvider.System,
            random),
            NullLogger<ConsumerRunner>.Instance);
        _duplicate = DeliveryOf("o-duplicate");
    }

    public static async Task Main(string[] args)
    {
        if (args is ["soak", .. var rest])
            await Soak.RunAsync(rest is [var orders, ..] ? int.Parse(orders, CultureInfo.InvariantCulture) : 10_000);
        else
            BenchmarkSwitcher.FromAssembly(typeof(HandlingBenchmarks).Assembly).Run(args);
    }

    [GlobalSetup]
    public Task Setup() => _runner.HandleAsync(_duplicate, CancellationToken.None);

    /// <summary>A fact of a new subject: read, decide, commit state, inbox record, head and outbox record.</summary>
    [Benchmark]
    public Task<Settlement> NewFact() => _runner.HandleAsync(DeliveryOf(Invariant($"o-{Interlocked.Increment(ref _next)}")), CancellationToken.None);

    /// <summary>A fact that was handled before: read and complete.</summary>
    [Benchmark]
    public Task<Settlement> Duplicate() => _runner.HandleAsync(_duplicate, CancellationToken.None);

    public void Dispose()
    {
        _client.Dispose();
        _endpoint.Dispose();
        GC.SuppressFinalize(this);
    }

    private static ReceivedMessage DeliveryOf(string orderId)
    {
        var data = new OrderPlaced(orderId, "c-1", "EUR", 21m, [new OrderLine("a", 2, 10.5m)]);
        var type = Messages.Of(data);
        var cloudEvent = new CloudEvent(
            "ordering", type.Name, BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(data, type.Json)), "application/json", CloudEventDataFormat.Json)
        {
            Id = $"ordering:{orderId}:1",
            Subject = orderId,
        };
        cloudEvent.ExtensionAttributes["sequence"] = "0000000000000000001";
        return new ReceivedMessage { Body = JsonSerializer.SerializeToUtf8Bytes(cloudEvent), SessionId = orderId, MessageId = cloudEvent.Id, DeliveryCount = 1 };
    }
}
