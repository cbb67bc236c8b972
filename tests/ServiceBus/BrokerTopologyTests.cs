using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Tests;

public sealed class BrokerTopologyTests
{
    [Fact]
    public void The_repository_s_topology_opens_with_sessions_everywhere()
    {
        using var broker = Open($"test-{Guid.NewGuid():N}", BrokerTopology.Read(RepositoryFile("topology.json")));

        Assert.Contains("ordering/payments", broker.EntityNames);
        Assert.Contains("stock/$DeadLetterQueue", broker.EntityNames);
    }

    [Fact]
    public void Settings_of_the_file_are_read_and_an_entity_s_own_go_first()
    {
        var topology = Read("""
            { "lockDuration": "PT30S", "maxDeliveryCount": 7, "duplicateDetectionWindow": "PT1H",
              "topics": [ { "name": "t", "subscriptions": [
                { "name": "s", "types": ["a"], "requiresSession": false, "maxDeliveryCount": 2 } ] } ],
              "queues": [ { "name": "q", "lockDuration": "PT5S" } ] }
            """);

        var subscription = Assert.Single(Assert.Single(topology.Topics).Subscriptions);
        Assert.Equal((TimeSpan.FromSeconds(30), 7), (topology.LockDuration, topology.MaxDeliveryCount));
        Assert.Equal(TimeSpan.FromHours(1), topology.DuplicateDetectionWindow);
        Assert.Equal((false, 2), (subscription.RequiresSession, subscription.MaxDeliveryCount));
        Assert.Equal((true, TimeSpan.FromSeconds(5)), (topology.Queues[0].RequiresSession, topology.Queues[0].LockDuration));
    }

    [Theory]
    [InlineData("""{ "queues": [ { "name": "q", "defaultMessageTimeToLive": "PT1H" } ] }""", "defaultMessageTimeToLive")]
    [InlineData("""{ "queues": [ { "name": "q", "forwardTo": "r" } ] }""", "forwardTo")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s", "types": [], "sqlFilter": "" } ] } ] }""", "sqlFilter")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s" } ] } ] }""", "types")]
    [InlineData("""{ "lockDuration": "PT6M" }""", "lockDuration")]
    [InlineData("""{ "lockDuration": "soon" }""", "soon")]
    [InlineData("""{ "maxDeliveryCount": 0 }""", "maxDeliveryCount")]
    [InlineData("""{ "duplicateDetectionWindow": "PT10S" }""", "duplicateDetectionWindow")]
    [InlineData("""{ "queues": [ { "name": "q" }, { "name": "Q" } ] }""", "twice")]
    [InlineData("""{ "queues": [ { "name": "q/r" } ] }""", "q/r")]
    public void What_the_broker_does_not_offer_is_refused_by_name(string serviceBus, string named)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(serviceBus));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Name_that_is_open_cannot_be_opened_again()
    {
        var name = $"test-{Guid.NewGuid():N}";
        using (Open(name, new BrokerTopology()))
            Assert.Throws<InvalidOperationException>(() => Open(name, new BrokerTopology()));
        Open(name, new BrokerTopology()).Dispose();
    }

    [Fact]
    public async Task Client_without_a_broker_is_told_which_build_it_needs()
    {
        await using var client = new ServiceBusClient("Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=k");
        var error = await BrokerNamespace.FailsAsync(
            ServiceBusFailureReason.ServiceCommunicationProblem,
            () => client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x")));

        Assert.Equal("contoso.servicebus.windows.net", client.FullyQualifiedNamespace);
        Assert.Contains("FunctionsHost=Azure", error.Message, StringComparison.Ordinal);
    }

    private static Broker Open(string name, BrokerTopology topology) =>
        Broker.Open(name, topology, null, new BrokerClock(), NullLogger.Instance);

    private static BrokerTopology Read(string serviceBus)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, $$"""{ "cosmos": {}, "serviceBus": {{serviceBus}} }""");
            return BrokerTopology.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string RepositoryFile(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, name);
            if (File.Exists(path))
                return path;
        }

        throw new FileNotFoundException(name);
    }
}
