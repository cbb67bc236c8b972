using Pipeline.Local;
using Pipeline.Local.Testing;
using Pipeline.TestFunctions;

namespace Pipeline.Tests.Testing;

/// <summary>A mistake in topology.json ends the start with a message that names its place.</summary>
public sealed class TopologyMistakesTests
{
    private const string Cosmos = """ "cosmos": { "database": "db", "leases": "leases", "containers": [] } """;

    [Theory]
    [InlineData("", "is no valid JSON")]
    [InlineData("{ \"cosmos\": ", "is no valid JSON")]
    [InlineData("[]", "is no JSON object")]
    [InlineData("null", "is no JSON object")]
    [InlineData("{ }", "there is no property 'cosmos'")]
    [InlineData("""{ "cosmos": null }""", "'cosmos' is null")]
    [InlineData("""{ "cosmos": { "database": "db", "leases": "leases", "containers": [ null ] } }""", "cosmos.containers[0] is null")]
    [InlineData("""{ "cosmos": { "database": "db", "leases": "leases", "containers": [ { "name": "a", "ttl": 5 } ] } }""", "cosmos.containers[0].ttl")]
    [InlineData("{" + Cosmos + "}", "no property 'serviceBus'")]
    [InlineData("{" + Cosmos + """, "serviceBus": null }""", "'serviceBus' is null")]
    [InlineData("{" + Cosmos + """, "serviceBus": { }, "eventGrid": { "subscriptions": [ null ] } }""", "eventGrid.subscriptions[0] is null")]
    [InlineData("{" + Cosmos + """, "serviceBus": { }, "eventGrid": { "subscriptions": [ { "name": "aaa", "function": "f", "eventTimeToLive": "1 day" } ] } }""", "eventGrid.subscriptions[0].eventTimeToLive: '1 day'")]
    [InlineData("{" + Cosmos + """, "serviceBus": { }, "eventGird": { "subscriptions": [] } }""", "there is no part 'eventGird'. Did you mean eventGrid?")]
    [InlineData("""{ "cosmos": { "databse": "db", "leases": "leases", "containers": [] } }""", "cosmos.databse is not known here. Did you mean database?")]
    public async Task Its_place_is_named(string topology, string named)
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, topology);
            var error = await Assert.ThrowsAsync<StartupException>(() => PipelineHost.StartAsync(new PipelineHostOptions
            {
                FunctionsAssembly = typeof(HostFunctions).Assembly,
                Functions = ["ph-plain"],
                TopologyPath = path,
            }));

            Assert.Contains(named, error.Message, StringComparison.Ordinal);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
