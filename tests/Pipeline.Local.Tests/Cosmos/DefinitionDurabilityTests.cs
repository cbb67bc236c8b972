using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests;

/// <summary>What a container was made with is as durable as its items.</summary>
public sealed class DefinitionDurabilityTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cosmos").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Keys_and_physical_partitions_survive_a_restart()
    {
        var key = new PartitionKeyBuilder().Add("t").Add(5).Build();
        using (var cosmos = new LocalCosmos(_directory))
        {
            var properties = new ContainerProperties("keys", ["/tenant", "/user"]);
            properties.UniqueKeyPolicy.UniqueKeys.Add(new UniqueKey { Paths = { "/a/b", "/c" } });
            var made = await cosmos.Client.GetDatabase("db").CreateContainerAsync(properties, throughput: 25_000);
            await made.Container.CreateItemAsync(new { id = "1", tenant = "t", user = 5, a = new { b = 1 }, c = 2 }, key);
        }

        using (var cosmos = new LocalCosmos(_directory))
        {
            var keys = cosmos.Client.GetContainer("db", "keys");
            Assert.Equal(3, (await keys.GetFeedRangesAsync()).Count);
            var read = (await keys.ReadContainerAsync()).Resource;
            Assert.Equal(["/tenant", "/user"], read.PartitionKeyPaths);
            Assert.Equal(["/a/b", "/c"], Assert.Single(read.UniqueKeyPolicy.UniqueKeys).Paths);
            Assert.Equal(5, (int)(await keys.ReadItemAsync<JObject>("1", key)).Resource["user"]!);
            var again = await Assert.ThrowsAsync<CosmosException>(() =>
                keys.CreateItemAsync(new { id = "2", tenant = "t", user = 5, a = new { b = 1 }, c = 2 }, key));
            Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        }
    }
}
