using Azure.Messaging;
using Pipeline.Contracts;
using Pipeline.Outbox;
using Pipeline.Testing.Faults;

namespace Pipeline.Testing.Simulated;

/// <summary>An Event Grid topic that keeps what is published until it is delivered, for the consumers that take the type.</summary>
internal sealed class SimulatedTopic(Topology topology)
{
    private readonly Dictionary<(string Consumer, string Id), WaitingEvent> _waiting = [];

    /// <summary>What the topic does before it takes a batch; throws for an outage or a refusal.</summary>
    public Action<IReadOnlyList<CloudEvent>>? OnPublish { get; set; }

    /// <summary>Ids of all events that were ever taken, once for each time.</summary>
    public List<string> Taken { get; } = [];

    public IEventPublisher PublisherFor(FaultPlan plan) => new Publisher(this, plan);

    /// <summary>What is to be delivered, in no promised order: last first.</summary>
    public IReadOnlyList<WaitingEvent> Waiting()
    {
        lock (_waiting)
            return [.. _waiting.Values.Reverse()];
    }

    /// <summary>Adds an event for one consumer.</summary>
    public void Add(string consumer, CloudEvent cloudEvent)
    {
        lock (_waiting)
            _waiting[(consumer, cloudEvent.Id)] = new WaitingEvent(consumer, cloudEvent);
    }

    public void Delivered(WaitingEvent delivered)
    {
        lock (_waiting)
            _waiting.Remove((delivered.Consumer, delivered.Event.Id));
    }

    private void Take(ReadOnlyMemory<byte> batch)
    {
        var events = CloudEvent.ParseMany(BinaryData.FromBytes(batch));
        OnPublish?.Invoke(events);
        lock (_waiting)
        {
            Taken.AddRange(events.Select(e => e.Id));
            foreach (var e in events)
            {
                foreach (var consumer in topology.Consumers.Where(c => c.IsByEventGrid && c.Types.Contains(e.Type, StringComparer.Ordinal)))
                    Add(consumer.Name, e);
            }
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
