using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pipeline.Tests.Deployment;

/// <summary>What parameters and a topology of another kind make of the templates.</summary>
public sealed class VariantTests
{
    /// <summary>Every setting that topology.json may have and the repository's own has not.</summary>
    private const string Topology = """
        {
          "functions": { "alwaysReady": ["relay-one"], "keySettings": ["Own__key", "Other__key"] },
          "cosmos": { "database": "db", "leases": "held", "containers": [{ "name": "one" }] },
          "serviceBus": {
            "lockDuration": "PT1M", "maxDeliveryCount": 100, "duplicateDetectionWindow": "PT10M",
            "topics": [
              {
                "name": "own", "duplicateDetectionWindow": "PT20M",
                "subscriptions": [{ "name": "s", "types": ["t"], "lockDuration": "PT2M", "maxDeliveryCount": 7, "requiresSession": false }]
              }
            ],
            "queues": [
              { "name": "own", "duplicateDetectionWindow": "PT30M", "lockDuration": "PT3M", "maxDeliveryCount": 8, "requiresSession": false },
              { "name": "plain" }
            ]
          },
          "eventGrid": {
            "deadLetterContainer": "lost",
            "subscriptions": [
              { "name": "code", "function": "notify" },
              {
                "name": "partner", "endpointSetting": "PartnerWebhook", "types": ["t"], "subjectBeginsWith": "a", "subjectEndsWith": "z",
                "advancedFilters": [{ "operatorType": "IsNotNull", "key": "data.x" }], "maxDeliveryAttempts": 5, "eventTimeToLive": "PT2H"
              },
              { "name": "other", "endpointSetting": "OtherWebhook" }
            ]
          }
        }
        """;

    private static readonly Lazy<Task<Snapshot>> Own = new(OwnAsync);
    private static readonly Lazy<Task<Snapshot>> TwoRegions = new(TwoRegionsAsync);

    [Fact]
    public void The_topology_of_these_tests_has_every_setting_that_the_templates_take()
    {
        var optional = new[] { "main.bicep", "subscriptions.bicep", "modules/service-bus.bicep" }
            .SelectMany(name => Regex.Matches(BicepSources.All[name], @"(topology\w*(\.\w+)*|topic|queue|entry|entry\.subscription|s)\.\?(?<name>\w+)").Select(m => m.Groups["name"].Value)).ToHashSet();
        Assert.True(optional.Count >= 10);
        Assert.All(optional, name => Assert.Contains($"\"{name}\":", Topology, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Entities_take_settings_of_their_own_before_those_of_all()
    {
        var snapshot = await Own.Value;
        var topic = snapshot.The("Microsoft.ServiceBus/namespaces/topics");
        Assert.Equal("PT20M", topic["properties.duplicateDetectionHistoryTimeWindow"]);
        var subscription = snapshot.The("Microsoft.ServiceBus/namespaces/topics/subscriptions");
        Assert.Equal(("PT2M", "7", "false"), (subscription["properties.lockDuration"], subscription["properties.maxDeliveryCount"], subscription["properties.requiresSession"]));
        var queues = snapshot.Of("Microsoft.ServiceBus/namespaces/queues");
        Assert.Equal(
            [("own", "PT3M", "8", "false", "PT30M"), ("plain", "PT1M", "100", "true", "PT10M")],
            queues.Select(q => (q.Path, q["properties.lockDuration"], q["properties.maxDeliveryCount"], q["properties.requiresSession"], q["properties.duplicateDetectionHistoryTimeWindow"])));
        Assert.Contains(snapshot.Of("Microsoft.Storage/storageAccounts/blobServices/containers"), c => c.Name.EndsWith("/lost", StringComparison.Ordinal));
        Assert.Equal(["db/one", "db/held"], snapshot.Of("Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers").Select(c => c.Path));
    }

    /// <summary>A plan that is zone redundant keeps two of each, whatever is stated, and bills them.</summary>
    [Fact]
    public async Task Always_ready_instances_are_at_least_two_each_when_zone_redundant_and_as_stated_when_not()
    {
        Assert.Equal(["http 2", "function:sweep 2", "function:stock 3"], ReadyOf(await Own.Value));
        Assert.Equal("true", (await Own.Value).The("Microsoft.Web/serverfarms")["properties.zoneRedundant"]);
        var single = await TwoRegions.Value;
        Assert.Equal("false", single.The("Microsoft.Web/serverfarms")["properties.zoneRedundant"]);
        Assert.Equal(9, ReadyOf(single).Sum(ready => int.Parse(ready.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Contains("function:sweep 1", ReadyOf(single));
    }

    [Fact]
    public async Task An_application_names_its_own_functions_that_are_always_ready_and_its_settings_with_a_key()
    {
        using var folder = new BicepFolder();
        folder.Write("../topology.json", Topology);
        folder.Write("prod.bicepparam", folder.Read("prod.bicepparam") + "param zoneRedundantApp = false\n");
        var snapshot = await folder.SnapshotAsync("prod.bicepparam");
        Assert.Equal(["http 2", "function:sweep 1", "function:relay-one 1"], ReadyOf(snapshot));
        var settings = snapshot.Resources.Single(r => r.Name.EndsWith("appsettings", StringComparison.Ordinal)).At("properties")!.Value.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString());
        Assert.Contains("host--functionKey--default", settings["Own__key"], StringComparison.Ordinal);
        Assert.Equal(settings["Own__key"], settings["Other__key"]);
        Assert.DoesNotContain("Sales__key", settings.Keys);
    }

    [Fact]
    public async Task Messages_are_copied_to_the_second_region_only_when_asked_for()
    {
        const string type = "Microsoft.ServiceBus/namespaces";
        var copied = (await TwoRegions.Value).The(type);
        Assert.Equal(
            """{"maxReplicationLagDurationInSeconds":0,"locations":[{"locationName":"westeurope","roleType":"Primary"},{"locationName":"northeurope","roleType":"Secondary"}]}""",
            JsonSerializer.Serialize(copied.At("properties.geoDataReplication")));
        Assert.All(await Infrastructure.BothAsync(), snapshot => Assert.Null(snapshot.The(type)["properties.geoDataReplication"]));
        // Standard has no such thing, so dev does not ask for it.
        Assert.Null((await Own.Value).The(type)["properties.geoDataReplication"]);
    }

    [Fact]
    public async Task A_second_region_has_a_copy_of_documents_and_blobs()
    {
        var two = await TwoRegions.Value;
        Assert.Equal(
            ["""{"locationName":"westeurope","failoverPriority":0,"isZoneRedundant":true}""", """{"locationName":"northeurope","failoverPriority":1,"isZoneRedundant":true}"""],
            two.The("Microsoft.DocumentDB/databaseAccounts").List("properties.locations").Select(l => JsonSerializer.Serialize(l)));
        Assert.All(two.Of("Microsoft.Storage/storageAccounts"), account => Assert.Equal("Standard_GZRS", account["sku.name"]));
        Assert.All((await Infrastructure.ProdAsync()).Of("Microsoft.Storage/storageAccounts"), account => Assert.Equal("Standard_ZRS", account["sku.name"]));
        Assert.All((await Infrastructure.DevAsync()).Of("Microsoft.Storage/storageAccounts"), account => Assert.Equal("Standard_LRS", account["sku.name"]));
    }

    [Fact]
    public async Task A_webhook_gets_a_subscription_once_its_address_is_known()
    {
        using var folder = new BicepFolder();
        folder.Write("../topology.json", Topology);
        var snapshot = await folder.SnapshotAsync("subscriptions.bicepparam", [.. Infrastructure.Stage1Outputs, ("WEBHOOK_ENDPOINTS", """{ "PartnerWebhook": "https://partner.example/hook?code=x" }""")]);
        Assert.Equal(["egt/code", "egt/partner"], snapshot.Resources.Select(r => r.Name));
        var partner = snapshot.Resources[1];
        Assert.Equal("WebHook", partner["properties.destination.endpointType"]);
        // Secret, so the snapshot does not show it, and nothing but this may depend on it.
        Assert.Equal("[parameters('webhookEndpoints').PartnerWebhook]", partner["properties.destination.properties.endpointUrl"]);
        Assert.Equal("""{"includedEventTypes":["t"],"subjectBeginsWith":"a","subjectEndsWith":"z","isSubjectCaseSensitive":true,"advancedFilters":[{"operatorType":"IsNotNull","key":"data.x"}]}""", JsonSerializer.Serialize(partner.At("properties.filter")));
        Assert.Equal("""{"maxDeliveryAttempts":5,"eventTimeToLiveInMinutes":120}""", JsonSerializer.Serialize(partner.At("properties.retryPolicy")));
        Assert.All(snapshot.Resources, r => Assert.Equal("lost", r["properties.deadLetterWithResourceIdentity.deadLetterDestination.properties.blobContainerName"]));
    }

    private static IEnumerable<string> ReadyOf(Snapshot snapshot) =>
        snapshot.The("Microsoft.Web/sites").List("properties.functionAppConfig.scaleAndConcurrency.alwaysReady").Select(r => $"{r.GetProperty("name").GetString()} {r.GetProperty("instanceCount").GetRawText()}");

    /// <summary>dev, with a topology of its own, and zone redundant although dev is not.</summary>
    private static async Task<Snapshot> OwnAsync()
    {
        using var folder = new BicepFolder();
        folder.Write("../topology.json", Topology);
        folder.Write("own.bicepparam", """
            using 'main.bicep'
            param environmentName = 'own'
            param location = 'westeurope'
            param secondaryLocation = 'northeurope'
            param replicateMessages = true
            param zoneRedundantApp = true
            param alwaysReady = [
              { name: 'http', instanceCount: 1 }
              { name: 'function:sweep', instanceCount: 0 }
              { name: 'function:stock', instanceCount: 3 }
            ]
            """);
        return await folder.SnapshotAsync("own.bicepparam");
    }

    /// <summary>prod with all that a second region may have, and without the zones of the app.</summary>
    private static async Task<Snapshot> TwoRegionsAsync()
    {
        using var folder = new BicepFolder();
        folder.Write("prod.bicepparam", folder.Read("prod.bicepparam") + "param zoneRedundantApp = false\n");
        return await folder.SnapshotAsync("prod.bicepparam", ("AZURE_SECONDARY_LOCATION", "northeurope"), ("REPLICATE_MESSAGES", "true"));
    }
}
