using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Tests;

public sealed class BrokerTopologyTests
{
    [Fact]
    public void The_repository_s_topology_opens_with_sessions_everywhere()
    {
        using var broker = Broker.Open(BrokerTopology.Read(RepositoryFile("topology.json")), null, new BrokerClock(), NullLogger.Instance);

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
    [InlineData("""{ "queues": [ { "name": "q", "enablePartitioning": true } ] }""", "enablePartitioning")]
    [InlineData("""{ "queues": [ { "name": "q", "defaultMessageTimeToLive": "PT0S" } ] }""", "defaultMessageTimeToLive")]
    [InlineData("""{ "queues": [ { "name": "q", "requiresSession": false, "forwardTo": "r" } ] }""", "'r'")]
    [InlineData("""{ "queues": [ { "name": "q", "forwardDeadLetteredMessagesTo": "r" } ] }""", "'r'")]
    [InlineData("""{ "queues": [ { "name": "q", "forwardTo": "r" }, { "name": "r" } ] }""", "requiresSession")]
    [InlineData("""{ "queues": [ { "name": "q", "requiresSession": false, "forwardTo": "Q" } ] }""", "cycle: q -> Q")]
    [InlineData("""{ "queues": [ { "name": "q", "forwardDeadLetteredMessagesTo": "r" }, { "name": "r", "requiresSession": false, "forwardTo": "q" } ] }""", "cycle: q -> r -> q")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s", "types": [], "requiresSession": false, "forwardTo": "t" } ] } ] }""", "cycle: t -> t/s -> t")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s", "types": [], "sqlFilter": "" } ] } ] }""", "sqlFilter")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s", "rules": [ { "name": "r", "sqlFilter": "a = " } ] } ] } ] }""", "The filter ends where a value or the name of a property is expected (position 5)")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s", "rules": [ { "name": "r", "sqlFilter": "1=1", "sqlAction": "SET x" } ] } ] } ] }""", "The action ends where '=' is expected (position 6)")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s", "rules": [ { "name": "r", "sqlFilter": "1=1", "sqlAction": "DELETE x" } ] } ] } ] }""", "SET or REMOVE")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s", "rules": [ { "name": "r" } ] } ] } ] }""", "either 'sqlFilter' or 'correlationFilter'")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s", "rules": [ { "name": "r", "correlationFilter": {} } ] } ] } ] }""", "at least one property")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s", "rules": [ { "name": "r", "sqlFilter": "1=1" }, { "name": "R", "sqlFilter": "1=1" } ] } ] } ] }""", "twice")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s" } ] } ] }""", "types")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s", "rules": [] } ] } ] }""", "would get nothing")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ null ] } ] }""", "serviceBus.topics[0].subscriptions[0] is null")]
    [InlineData("""{ "queues": [ { "name": "q" }, null ] }""", "serviceBus.queues[1] is null")]
    [InlineData("""{ "queues": [ { "name": "q", "maxDeliverCount": 3 } ] }""", "serviceBus.queues[0].maxDeliverCount is not known here. Did you mean maxDeliveryCount?")]
    [InlineData("""{ "queue": [] }""", "serviceBus.queue is not known here. Did you mean queues?")]
    [InlineData("""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s", "rules": [ { "name": "r", "sqlFiter": "1=1" } ] } ] } ] }""", "serviceBus.topics[0].subscriptions[0].rules[0].sqlFiter is not known here. Did you mean sqlFilter?")]
    [InlineData("""{ "lockDuration": "PT6M" }""", "lockDuration")]
    [InlineData("""{ "queues": [ { "name": "q", "lockDuration": "soon" } ] }""", "serviceBus.queues[0].lockDuration: 'soon'")]
    [InlineData("""{ "lockDuration": 60 }""", "serviceBus.lockDuration")]
    [InlineData("""{ "lockDuration": "P99999999999D" }""", "serviceBus.lockDuration")]
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
    public void Sql_of_more_than_1024_characters_is_refused()
    {
        static string Rule(int length) =>
            $$"""{ "topics": [ { "name": "t", "subscriptions": [ { "name": "s", "rules": [ { "name": "r", "sqlFilter": "{{"1=1".PadRight(length)}}" } ] } ] } ] }""";

        Read(Rule(1024));
        Assert.Contains("1024", Assert.Throws<InvalidDataException>(() => Read(Rule(1025))).Message, StringComparison.Ordinal);
    }

    /// <summary>The deployment would ignore them: a test of the Bicep files refuses every key that they do not read, and these are none of theirs.</summary>
    [Theory]
    [InlineData("defaultMessageTimeToLive")]
    [InlineData("deadLetteringOnMessageExpiration")]
    [InlineData("deadLetteringOnFilterEvaluationExceptions")]
    [InlineData("forwardTo")]
    [InlineData("forwardDeadLetteredMessagesTo")]
    [InlineData("rules")]
    [InlineData("sqlFilter")]
    [InlineData("sqlAction")]
    [InlineData("correlationFilter")]
    public void Settings_that_only_the_embedded_broker_reads_are_not_in_the_repository_s_topology(string setting)
    {
        Assert.DoesNotContain($"\"{setting}\"", File.ReadAllText(RepositoryFile("topology.json")), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch($@"\.\??{setting}\b", File.ReadAllText(RepositoryFile(Path.Combine("infra-bicep", "modules", "service-bus.bicep"))));
    }

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
