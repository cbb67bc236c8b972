using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Tests.Interop;

namespace Pipeline.Tests.Deployment;

/// <summary>What the official emulators are given. They need Docker, which tests do not have; this holds their files.</summary>
public sealed class EmulatorTests
{
    private static readonly JsonElement Namespace = Repository.Json("emulators/Config.json").GetProperty("UserConfig").GetProperty("Namespaces")[0];

    [Fact]
    public void They_are_within_the_emulators_limits()
    {
        var queues = Namespace.GetProperty("Queues").EnumerateArray().ToList();
        var topics = Namespace.GetProperty("Topics").EnumerateArray().ToList();
        var subscriptions = topics.SelectMany(t => t.GetProperty("Subscriptions").EnumerateArray()).ToList();
        Assert.Equal("sbemulatorns", Namespace.GetProperty("Name").GetString());
        Assert.InRange(queues.Count + topics.Count, 1, 50);
        Assert.InRange(topics.Max(t => t.GetProperty("Subscriptions").GetArrayLength()), 1, 50);
        foreach (var properties in queues.Concat(subscriptions).Select(e => e.GetProperty("Properties")))
        {
            Assert.InRange(properties.GetProperty("MaxDeliveryCount").GetInt32(), 6, 10);
            Assert.InRange(Duration(properties, "LockDuration"), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));
        }

        foreach (var properties in queues.Concat(topics).Concat(subscriptions).Select(e => e.GetProperty("Properties")))
            Assert.InRange(Duration(properties, "DefaultMessageTimeToLive"), TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
        foreach (var properties in queues.Concat(topics).Select(e => e.GetProperty("Properties")))
            Assert.InRange(Duration(properties, "DuplicateDetectionHistoryTimeWindow"), TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void Every_entity_of_topology_json_is_there_with_its_sessions_and_rules()
    {
        var expected = Repository.Topology.GetProperty("serviceBus").GetProperty("topics").EnumerateArray()
            .SelectMany(t => t.GetProperty("subscriptions").EnumerateArray().Select(s => (
                Path: $"{t.GetProperty("name")}/{s.GetProperty("name")}",
                Sessions: !s.TryGetProperty("requiresSession", out var sessions) || sessions.GetBoolean(),
                Rules: s.GetProperty("types").GetArrayLength() + 1)));
        var actual = Namespace.GetProperty("Topics").EnumerateArray()
            .SelectMany(t => t.GetProperty("Subscriptions").EnumerateArray().Select(s => (
                Path: $"{t.GetProperty("Name")}/{s.GetProperty("Name")}",
                Sessions: s.GetProperty("Properties").GetProperty("RequiresSession").GetBoolean(),
                Rules: s.GetProperty("Rules").GetArrayLength())));
        Assert.Equal(expected, actual);
    }

    /// <summary>Against the embedded Cosmos DB, which checks requests as the emulator does, but for the signature.</summary>
    [Fact]
    public async Task The_script_makes_database_and_containers_and_may_run_again()
    {
        using var cosmos = new LocalCosmos();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        app.Run(cosmos.Endpoint.HandleAsync);
        await app.StartAsync();
        foreach (var outcome in new[] { "made", "is there already" })
        {
            var output = await NodePackage.ExecuteAsync("node", [Repository.PathOf("emulators/emulators.mjs"), "cosmos", app.Urls.Single()], Repository.Root, "");
            Assert.Contains($"leases: {outcome}", output, StringComparison.Ordinal);
        }

        foreach (var name in Repository.NamesOf(Repository.Topology.GetProperty("cosmos").GetProperty("containers")))
        {
            var container = (await cosmos.Client.GetContainer("pipeline", name).ReadContainerAsync()).Resource;
            Assert.Equal("/pk", container.PartitionKeyPath);
            Assert.Equal(-1, container.DefaultTimeToLive);
        }

        Assert.Equal("/id", (await cosmos.Client.GetContainer("pipeline", "leases").ReadContainerAsync()).Resource.PartitionKeyPath);
    }

    [Theory]
    [InlineData("mcr.microsoft.com/cosmosdb/linux/azure-cosmos-emulator", "8081:8081")]
    [InlineData("mcr.microsoft.com/azure-messaging/servicebus-emulator", "5672:5672")]
    [InlineData("mcr.microsoft.com/azure-storage/azurite", "10000:10000")]
    public void Compose_starts_the_official_image_on_this_machine_only(string image, string ports)
    {
        var compose = Repository.Text("compose.yaml");
        Assert.Contains($"image: {image}:", compose, StringComparison.Ordinal);
        Assert.Contains($"\"127.0.0.1:{ports}\"", compose, StringComparison.Ordinal);
        Assert.All(Regex.Matches(compose, @"^ +- ""(?<port>[\d.:]+)""", RegexOptions.Multiline), port => Assert.StartsWith("127.0.0.1:", port.Groups["port"].Value, StringComparison.Ordinal));
        Assert.Contains("./emulators/Config.json:", compose, StringComparison.Ordinal);
    }

    private static TimeSpan Duration(JsonElement properties, string name) => XmlConvert.ToTimeSpan(properties.GetProperty(name).GetString()!);
}
