using System.Text.Json;
using Pipeline.Local.Journal;

namespace Pipeline.Local.EventGrid;

/// <summary>Brings subscriptions and deliveries to the state that a journal tells.</summary>
internal sealed class TopicReplay(TopicJournal journal, TimeProvider clock)
{
    private readonly Dictionary<int, EventSubscription> _byId = [];

    public IReadOnlyCollection<EventSubscription> Subscriptions => _byId.Values;

    /// <summary>The highest id of a subscription.</summary>
    public int LastId { get; private set; }

    /// <summary>The highest number of an event.</summary>
    public long LastNumber { get; private set; }

    public void Apply(ReadOnlySpan<byte> record)
    {
        var reader = new RecordReader(record);
        while (!reader.AtEnd)
            Apply((TopicOperation)reader.Byte(), ref reader);
    }

    private void Apply(TopicOperation operation, ref RecordReader reader)
    {
        switch (operation)
        {
            case TopicOperation.Subscribe:
                Subscribe(ref reader);
                break;
            case TopicOperation.Unsubscribe:
                var gone = Subscription(ref reader);
                foreach (var delivery in gone.Deliveries.Values)
                    journal.Removed(delivery);
                _byId.Remove(gone.Id);
                break;
            case TopicOperation.Publish:
                Publish(ref reader);
                break;
            case TopicOperation.Fail:
                ReadAttempts(Find(ref reader), ref reader);
                break;
            case TopicOperation.GiveUp:
                var givenUp = Find(ref reader);
                ReadAttempts(givenUp, ref reader);
                ReadReason(givenUp, ref reader);
                break;
            case TopicOperation.Remove:
                var removed = Find(ref reader);
                removed.Subscription.Deliveries.Remove(removed.Event.Number);
                journal.Removed(removed);
                break;
            default:
                throw new InvalidDataException($"The Event Grid journal has an unknown operation {operation}; a newer version wrote it.");
        }
    }

    private void Subscribe(ref RecordReader reader)
    {
        var id = (int)reader.Number();
        var name = reader.Text()!;
        var state = (SubscriptionState)reader.Byte();
        var endpoint = reader.Text();
        SubscriptionSettings settings = reader.Text() is { } json
            ? JsonSerializer.Deserialize<WebhookSubscription>(json, EventGridTopology.Json)!
            : new TopologySubscription { Name = name };
        if (_byId.TryGetValue(id, out var subscription))
            subscription.Change(settings);
        else
            _byId.Add(id, subscription = new EventSubscription(name, settings, clock) { Id = id });
        subscription.State = state;
        subscription.Endpoint = endpoint is null ? null : new Uri(endpoint);
        LastId = Math.Max(LastId, id);
    }

    private void Publish(ref RecordReader reader)
    {
        var stored = new StoredEvent(reader.Number(), reader.Number(), reader.Bytes());
        LastNumber = Math.Max(LastNumber, stored.Number);
        var count = reader.Number();
        for (var i = 0; i < count; i++)
        {
            var delivery = new Delivery(stored, Subscription(ref reader));
            var isGivenUp = reader.Byte() == 1;
            ReadAttempts(delivery, ref reader);
            if (isGivenUp)
                ReadReason(delivery, ref reader);
            delivery.Subscription.Deliveries.Add(stored.Number, delivery);
            journal.Added(delivery);
        }
    }

    private static void ReadAttempts(Delivery delivery, ref RecordReader reader)
    {
        delivery.FailedAttempts = (int)reader.Number();
        delivery.NextAttemptTicks = reader.Number();
        delivery.LastOutcome = reader.Text();
    }

    private static void ReadReason(Delivery delivery, ref RecordReader reader)
    {
        delivery.DeadLetterReason = reader.Text();
        delivery.GivenUpTicks = reader.Number();
    }

    private EventSubscription Subscription(ref RecordReader reader)
    {
        var id = (int)reader.Number();
        return _byId.TryGetValue(id, out var subscription)
            ? subscription
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"The Event Grid journal names subscription {id}, which is not there."));
    }

    private Delivery Find(ref RecordReader reader)
    {
        var subscription = Subscription(ref reader);
        var number = reader.Number();
        return subscription.Deliveries.TryGetValue(number, out var delivery)
            ? delivery
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"The Event Grid journal names event {number} of '{subscription.Name}', which is not there."));
    }
}
