using System.Text.Json;
using Azure.Messaging;
using Pipeline.Commands;
using Pipeline.Contracts;
using Pipeline.Outbox;
using Pipeline.Services.Analytics;
using Pipeline.Services.Reporting;

namespace Pipeline.Tests;

/// <summary>An Event Grid topic that keeps what is published until it is delivered, for the types that its subscription takes.</summary>
internal sealed class SimulatedTopic
{
    private readonly Dictionary<string, CloudEvent> _waiting = new(StringComparer.Ordinal);

    /// <summary>What the topic does before it takes a batch; throws for an outage or a refusal.</summary>
    public Action<IReadOnlyList<CloudEvent>>? OnPublish { get; set; }

    /// <summary>Ids of all events that were ever taken, once for each time.</summary>
    public List<string> Taken { get; } = [];

    public IEventPublisher PublisherFor(FaultPlan plan) => new Publisher(this, plan);

    /// <summary>What is to be delivered, in no promised order: last first.</summary>
    public IReadOnlyList<CloudEvent> Waiting()
    {
        lock (_waiting)
            return [.. _waiting.Values.Reverse()];
    }

    public void Delivered(CloudEvent cloudEvent)
    {
        lock (_waiting)
            _waiting.Remove(cloudEvent.Id);
    }

    private void Take(ReadOnlyMemory<byte> batch)
    {
        var events = CloudEvent.ParseMany(BinaryData.FromBytes(batch));
        OnPublish?.Invoke(events);
        lock (_waiting)
        {
            Taken.AddRange(events.Select(e => e.Id));
            foreach (var e in events.Where(e => AppTopology.EventGridTypes.Contains(e.Type)))
                _waiting[e.Id] = e;
        }
    }

    private sealed class Publisher(SimulatedTopic topic, FaultPlan plan) : IEventPublisher
    {
        public Task PublishAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellationToken) =>
            plan.RunAsync("publish to Event Grid", () =>
            {
                topic.Take(batch);
                return Task.FromResult(true);
            });
    }
}

/// <summary>The figures of Analytics without HTTP in between.</summary>
internal sealed class StoredSales(CommandRunner<Sales> sales) : ISalesSource
{
    public async Task<SalesFigures> GetAsync(string link, CancellationToken cancellationToken)
    {
        var parts = link.Split('/');
        var (state, number) = await sales.ReadWithNumberAsync(ContractCatalog.SalesPartition(parts[2], parts[3]), cancellationToken);
        return new SalesFigures(state!.Day, state.Sku, state.Orders, state.Quantity, state.Revenue, number);
    }
}

/// <summary>topology.json, as tests need it.</summary>
internal static class AppTopology
{
    private static readonly JsonElement Root =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "topology.json"))).RootElement;

    /// <summary>Types that the app's own Event Grid subscriptions take.</summary>
    public static IReadOnlySet<string> EventGridTypes { get; } = Root.GetProperty("eventGrid").GetProperty("subscriptions").EnumerateArray()
        .Where(s => s.TryGetProperty("function", out _))
        .SelectMany(s => s.GetProperty("types").EnumerateArray().Select(t => t.GetString()!)).ToHashSet();

    /// <summary>Whether a queue or subscription (<c>topic/subscription</c>) has sessions.</summary>
    public static bool HasSessions(string entity)
    {
        var serviceBus = Root.GetProperty("serviceBus");
        var parts = entity.Split('/');
        var found = parts.Length == 1
            ? serviceBus.GetProperty("queues").EnumerateArray().Single(q => q.GetProperty("name").GetString() == entity)
            : serviceBus.GetProperty("topics").EnumerateArray().Single(t => t.GetProperty("name").GetString() == parts[0])
                .GetProperty("subscriptions").EnumerateArray().Single(s => s.GetProperty("name").GetString() == parts[1]);
        return !found.TryGetProperty("requiresSession", out var sessions) || sessions.GetBoolean();
    }
}
