using System.Text.Json;

namespace Pipeline.Local.ServiceBus;

/// <summary>A queue, topic or subscription that was made at run time.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Name">Its name; of a subscription, <c>topic/subscription</c>.</param>
/// <param name="Definition">What it is.</param>
internal sealed record RuntimeEntity(EntityKind Kind, string Name, object Definition)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public string Json => JsonSerializer.Serialize(Definition, Definition.GetType(), Options);

    /// <summary>The topic of a subscription.</summary>
    public string Topic => Name[..Name.IndexOf('/', StringComparison.Ordinal)];

    public static RuntimeEntity Read(EntityKind kind, string name, string json) => new(kind, name, kind switch
    {
        EntityKind.Queue => JsonSerializer.Deserialize<QueueDefinition>(json, Options)!,
        EntityKind.Topic => JsonSerializer.Deserialize<TopicDefinition>(json, Options)!,
        _ => JsonSerializer.Deserialize<SubscriptionDefinition>(json, Options)!,
    });

    public bool IsIn(BrokerTopology topology) => Kind switch
    {
        EntityKind.Subscription => topology.Topics.Any(t => Is(t.Name, Topic) && t.Subscriptions.Any(s => Is($"{t.Name}/{s.Name}", Name))),
        _ => topology.Queues.Any(q => Is(q.Name, Name)) || topology.Topics.Any(t => Is(t.Name, Name)),
    };

    /// <summary>A topology with it, in place of one of its name.</summary>
    public BrokerTopology AddTo(BrokerTopology topology)
    {
        switch (Definition)
        {
            case QueueDefinition queue:
                return RemoveFrom(topology) is var without ? without with { Queues = [.. without.Queues, queue] } : topology;
            case TopicDefinition topic:
                var subscriptions = topology.Topics.FirstOrDefault(t => Is(t.Name, Name))?.Subscriptions ?? [];
                var others = RemoveFrom(topology);
                return others with { Topics = [.. others.Topics, topic with { Subscriptions = subscriptions }] };
            default:
                var subscription = (SubscriptionDefinition)Definition;
                return InTopic(topology, t => t with { Subscriptions = [.. t.Subscriptions.Where(s => !Is(s.Name, subscription.Name)), subscription] });
        }
    }

    /// <summary>A topology without it.</summary>
    public BrokerTopology RemoveFrom(BrokerTopology topology) => Kind switch
    {
        EntityKind.Queue => topology with { Queues = [.. topology.Queues.Where(q => !Is(q.Name, Name))] },
        EntityKind.Topic => topology with { Topics = [.. topology.Topics.Where(t => !Is(t.Name, Name))] },
        _ => InTopic(topology, t => t with { Subscriptions = [.. t.Subscriptions.Where(s => !Is($"{t.Name}/{s.Name}", Name))] }),
    };

    private static bool Is(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private BrokerTopology InTopic(BrokerTopology topology, Func<TopicDefinition, TopicDefinition> change) =>
        topology with { Topics = [.. topology.Topics.Select(t => Is(t.Name, Topic) ? change(t) : t)] };
}
