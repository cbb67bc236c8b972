using System.Text.Json;
using Pipeline.Generation;
using Pipeline.Local.EventGrid;
using Pipeline.Local.Hosting;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Tests.CodeGeneration;

/// <summary>The generator takes the settings that the local platform reads of topology.json, and those that nothing but a deployment or itself reads.</summary>
public sealed class HandSettingTests
{
    [Theory]
    [InlineData("$.cosmos", typeof(CosmosTopology))]
    [InlineData("$.cosmos.containers", typeof(CosmosTopology.ContainerDefinition), TopologyDocument.PollMilliseconds)]
    [InlineData("$.serviceBus", typeof(BrokerTopology))]
    [InlineData("$.serviceBus.topics", typeof(TopicDefinition))]
    [InlineData("$.serviceBus.topics.subscriptions", typeof(SubscriptionDefinition))]
    [InlineData("$.serviceBus.queues", typeof(QueueDefinition))]
    [InlineData("$.eventGrid", typeof(EventGridTopology))]
    [InlineData("$.eventGrid.subscriptions", typeof(TopologySubscription))]
    public void Its_names_are_those_of_the_local_platform(string place, Type read, params string[] more) => Assert.Equal(
        read.GetProperties().Where(p => p.CanWrite).Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name)).Concat(more).Order(StringComparer.Ordinal),
        HandSettings.All[place].Keys.Order(StringComparer.Ordinal));
}
