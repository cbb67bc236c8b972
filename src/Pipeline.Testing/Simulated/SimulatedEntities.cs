using Pipeline.AzureFunctions;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Testing.Simulated;

/// <summary>The topics and queues of an app.</summary>
internal static class SimulatedEntities
{
    /// <summary>Those of a topology.json, or those that the definition names.</summary>
    public static BrokerTopology Of(PipelineDefinition definition, string? path)
    {
        if (path is not null)
        {
            return File.Exists(path)
                ? BrokerTopology.Read(path)
                : throw new InvalidOperationException($"{path} does not exist. Correct PipelineSimulationOptions.TopologyPath, or leave it out.");
        }

        var consumers = definition.Topology.Consumers.Where(c => !c.IsByEventGrid).ToDictionary(c => c.Name, StringComparer.Ordinal);
        return new BrokerTopology
        {
            MaxDeliveryCount = 100,
            DuplicateDetectionWindow = TimeSpan.FromMinutes(10),
            Topics = [.. definition.Topology.Topics.Select(topic => new TopicDefinition
            {
                Name = topic,
                Subscriptions = [.. consumers.Values.Where(c => c.Name.StartsWith(topic + "/", StringComparison.Ordinal)).Select(c => new SubscriptionDefinition
                {
                    Name = c.Name[(topic.Length + 1)..],
                    RequiresSession = c.HasSessions,
                    Types = c.Types,
                })],
            })],
            Queues = [.. definition.Topology.Queues.Select(queue => new QueueDefinition
            {
                Name = queue,
                RequiresSession = !consumers.TryGetValue(queue, out var consumer) || consumer.HasSessions,
            })],
        };
    }

    /// <summary>Whether a queue or subscription (<c>topic/subscription</c>) has sessions.</summary>
    public static bool HasSessions(this BrokerTopology topology, string entity) => entity.Split('/') is [var topic, var subscription]
        ? topology.Topics.Single(t => t.Name == topic).Subscriptions.Single(s => s.Name == subscription).RequiresSession
        : topology.Queues.Single(q => q.Name == entity).RequiresSession;

    /// <summary>Whether there is such a queue or subscription.</summary>
    public static bool Has(this BrokerTopology topology, string entity) => entity.Split('/') is [var topic, var subscription]
        ? topology.Topics.Any(t => t.Name == topic && t.Subscriptions.Any(s => s.Name == subscription))
        : topology.Queues.Any(q => q.Name == entity);
}
