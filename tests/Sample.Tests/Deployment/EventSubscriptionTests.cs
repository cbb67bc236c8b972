using System.Text.Json;

namespace Pipeline.Tests.Deployment;

/// <summary>The subscriptions of stage 2.</summary>
public sealed class EventSubscriptionTests
{
    [Fact]
    public async Task They_are_those_of_topology_json_to_functions_that_exist()
    {
        var expected = Repository.Topology.GetProperty("eventGrid").GetProperty("subscriptions").EnumerateArray().Where(s => s.TryGetProperty("function", out _))
            .Select(s => (s.GetProperty("name").GetString(), s.GetProperty("function").GetString(), JsonSerializer.Serialize(s.GetProperty("types"))));
        var snapshot = await Infrastructure.Stage2Async();
        Assert.Equal(
            expected,
            snapshot.Resources.Select(r => ((string?)r.Path, r["properties.destination.properties.resourceId"]?.Split('/')[^1], JsonSerializer.Serialize(r.At("properties.filter.includedEventTypes")))));
        Assert.All(snapshot.Resources, r => Assert.Contains(r["properties.destination.properties.resourceId"]!.Split('/')[^1], AppFunctions.Names));
        Assert.All(snapshot.Resources, r => Assert.Contains("/providers/Microsoft.Web/sites/func/functions/", r["properties.destination.properties.resourceId"], StringComparison.Ordinal));
    }

    [Fact]
    public async Task They_hand_over_cloud_events_and_dead_letter_by_identity()
    {
        foreach (var subscription in (await Infrastructure.Stage2Async()).Resources)
        {
            Assert.Equal("Microsoft.EventGrid/topics/eventSubscriptions", subscription.Type);
            Assert.Equal("CloudEventSchemaV1_0", subscription["properties.eventDeliverySchema"]);
            Assert.Equal("1", subscription["properties.destination.properties.maxEventsPerBatch"]);
            Assert.Equal("/id-topic", subscription["properties.deadLetterWithResourceIdentity.identity.userAssignedIdentity"]);
            Assert.Equal("/stdata", subscription["properties.deadLetterWithResourceIdentity.deadLetterDestination.properties.resourceId"]);
            Assert.Equal("deadletters", subscription["properties.deadLetterWithResourceIdentity.deadLetterDestination.properties.blobContainerName"]);
            // The default of a setting is the same there and where the app runs on one machine.
            Assert.Equal("30", subscription["properties.retryPolicy.maxDeliveryAttempts"]);
            Assert.Equal("1440", subscription["properties.retryPolicy.eventTimeToLiveInMinutes"]);
        }
    }

    /// <summary>Event Grid asks the code before it makes a subscription, so none is made before the code is there.</summary>
    [Fact]
    public async Task Stage_1_makes_the_topic_of_cloud_events_and_no_subscription()
    {
        foreach (var snapshot in await Infrastructure.BothAsync())
        {
            Assert.Equal("CloudEventSchemaV1_0", snapshot.The("Microsoft.EventGrid/topics")["properties.inputSchema"]);
            Assert.Empty(snapshot.Of("Microsoft.EventGrid/topics/eventSubscriptions"));
            Assert.Contains(snapshot.Of("Microsoft.Storage/storageAccounts/blobServices/containers"), c => c.Name.EndsWith("/deadletters", StringComparison.Ordinal));
        }
    }
}
