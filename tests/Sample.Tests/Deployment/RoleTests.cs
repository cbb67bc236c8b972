using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pipeline.Tests.Deployment;

/// <summary>The app and the Event Grid topic may do what they need, where they need it, and no key opens anything.</summary>
public sealed partial class RoleTests
{
    private const string BlobOwner = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
    private const string BlobContributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
    private const string CosmosContributor = "00000000-0000-0000-0000-000000000002";
    private const string ServiceBusSender = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39";
    private const string ServiceBusOwner = "090c5cfd-751d-490a-894a-3ce6f1109419";
    private const string EventGridSender = "d5a91429-5739-47e2-a06b-3470a27159e7";
    private const string MetricsPublisher = "3913510d-42f4-4e42-8a64-420c390055eb";
    private const string SecretsOfficer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
    private const string App = "id-app-*";
    private const string Topic = "id-topic-*";
    private const string HostAccount = "Microsoft.Storage/storageAccounts/sthost*";
    private const string DataContainers = "Microsoft.Storage/storageAccounts/stdata*/blobServices/default/containers";
    private const string Namespace = "Microsoft.ServiceBus/namespaces/sb-*";

    private static readonly string Database = $"Microsoft.DocumentDB/databaseAccounts/cosmos-*/dbs/{Repository.Topology.GetProperty("cosmos").GetProperty("database").GetString()}";
    private static readonly List<JsonElement> Topics = [.. Repository.Topology.GetProperty("serviceBus").GetProperty("topics").EnumerateArray()];

    /// <summary>For every kind of binding, the roles it needs: role, scope, whose. The asterisk is the name of the environment.</summary>
    private static readonly Dictionary<string, (string Role, string Scope, string Principal)[]> Needed = new(StringComparer.Ordinal)
    {
        ["CosmosDBTriggerAttribute"] = [(CosmosContributor, Database, App)],
        ["ServiceBusTriggerAttribute"] =
        [
            .. Topics.SelectMany(t => Repository.NamesOf(t.GetProperty("subscriptions")).Select(s => (ServiceBusOwner, $"{Namespace}/topics/{t.GetProperty("name").GetString()}/subscriptions/{s}", App))),
            .. Repository.NamesOf(Repository.Topology.GetProperty("serviceBus").GetProperty("queues")).Select(q => (ServiceBusOwner, $"{Namespace}/queues/{q}", App)),
        ],
        ["EventGridTriggerAttribute"] = [(BlobContributor, $"{DataContainers}/deadletters", Topic)],
        ["TimerTriggerAttribute"] = [(BlobOwner, HostAccount, App)],
        ["HttpTriggerAttribute"] = [(BlobOwner, HostAccount, App), (SecretsOfficer, "Microsoft.KeyVault/vaults/kv-*", App)],
    };

    /// <summary>What the app uses without a binding.</summary>
    private static readonly (string Role, string Scope, string Principal)[] Clients =
    [
        (CosmosContributor, Database, App),
        .. Topics.Select(t => (ServiceBusSender, $"{Namespace}/topics/{t.GetProperty("name").GetString()}", App)),
        (EventGridSender, "Microsoft.EventGrid/topics/egt-*", App),
        (BlobContributor, $"{DataContainers}/payloads", App),
        (MetricsPublisher, "Microsoft.Insights/components/appi-*", App),
    ];

    [Fact]
    public async Task Every_role_that_a_binding_or_a_client_needs_is_assigned_and_no_other()
    {
        var kinds = AppFunctions.Triggers.Select(t => t.GetType().Name).Distinct().ToList();
        Assert.All(kinds, kind => Assert.True(Needed.ContainsKey(kind), $"Say here which roles a {kind} needs."));
        Assert.Equal(Needed.Keys.Order(), kinds.Order());
        var needed = kinds.SelectMany(kind => Needed[kind]).Concat(Clients).ToHashSet();
        foreach (var snapshot in await Infrastructure.BothAsync())
            Assert.Equal(needed.Order(), Assignments(snapshot).Order());
    }

    /// <summary>Azure does not let a principal that it has never seen be of a kind that it has to look up.</summary>
    [Fact]
    public async Task Assignments_say_that_they_are_for_a_service_principal()
    {
        foreach (var snapshot in await Infrastructure.BothAsync())
            Assert.All(snapshot.Of("Microsoft.Authorization/roleAssignments"), r => Assert.Equal("ServicePrincipal", r["properties.principalType"]));
    }

    [Theory]
    [InlineData("Microsoft.DocumentDB/databaseAccounts", "disableLocalAuth", "true")]
    [InlineData("Microsoft.DocumentDB/databaseAccounts", "disableKeyBasedMetadataWriteAccess", "true")]
    [InlineData("Microsoft.ServiceBus/namespaces", "disableLocalAuth", "true")]
    [InlineData("Microsoft.EventGrid/topics", "disableLocalAuth", "true")]
    [InlineData("Microsoft.Storage/storageAccounts", "allowSharedKeyAccess", "false")]
    [InlineData("Microsoft.Storage/storageAccounts", "allowBlobPublicAccess", "false")]
    [InlineData("Microsoft.Insights/components", "DisableLocalAuth", "true")]
    [InlineData("Microsoft.OperationalInsights/workspaces", "features.disableLocalAuth", "true")]
    [InlineData("Microsoft.KeyVault/vaults", "enableRbacAuthorization", "true")]
    [InlineData("Microsoft.Web/sites/basicPublishingCredentialsPolicies", "allow", "false")]
    public async Task No_key_opens_anything(string type, string property, string value)
    {
        foreach (var snapshot in await Infrastructure.BothAsync())
        {
            Assert.NotEmpty(snapshot.Of(type));
            Assert.All(snapshot.Of(type), resource => Assert.Equal(value, resource[$"properties.{property}"]));
        }
    }

    [Fact]
    public async Task Nothing_reads_a_key_and_no_setting_holds_one()
    {
        string[] roles = [BlobOwner, BlobContributor, CosmosContributor, ServiceBusSender, ServiceBusOwner, EventGridSender, MetricsPublisher, SecretsOfficer];
        foreach (var (name, template) in await Infrastructure.TemplatesAsync())
            Assert.False(KeyWords().IsMatch(template.GetRawText()), $"{name}: {KeyWords().Match(template.GetRawText()).Value}");
        foreach (var (name, text) in BicepSources.All)
        {
            Assert.DoesNotMatch(KeyWords(), text);
            Assert.All(Regex.Matches(text, "'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'"), role => Assert.True(roles.Contains(role.Value.Trim('\'')), $"{name}: {role.Value}"));
        }
    }

    /// <summary>Everything that holds data is behind private endpoints in production, each with the zone of its kind.</summary>
    [Theory]
    [InlineData("Microsoft.DocumentDB/databaseAccounts", "privatelink.documents.azure.com", "Sql")]
    [InlineData("Microsoft.ServiceBus/namespaces", "privatelink.servicebus.windows.net", "namespace")]
    [InlineData("Microsoft.EventGrid/topics", "privatelink.eventgrid.azure.net", "topic")]
    [InlineData("Microsoft.Storage/storageAccounts", "privatelink.blob.{0}", "blob")]
    [InlineData("Microsoft.KeyVault/vaults", "privatelink.vaultcore.azure.net", "vault")]
    public async Task In_production_nothing_is_reached_from_outside_but_the_app(string type, string zone, string group)
    {
        var prod = await Infrastructure.ProdAsync();
        Assert.Contains(prod.Of("Microsoft.Network/privateDnsZones"), z => z.Name.Contains(zone, StringComparison.Ordinal));
        Assert.Contains(prod.Of("Microsoft.Network/privateDnsZones/virtualNetworkLinks"), l => l.Name.Contains(zone, StringComparison.Ordinal));
        foreach (var resource in prod.Of(type))
        {
            Assert.Equal("Disabled", resource["properties.publicNetworkAccess"]);
            var (endpoint, connection) = Assert.Single(
                prod.Of("Microsoft.Network/privateEndpoints").Select(e => (e, e.List("properties.privateLinkServiceConnections").Single().GetProperty("properties"))),
                e => e.Item2.GetProperty("privateLinkServiceId").GetString() == resource.Id);
            Assert.Equal([group], connection.GetProperty("groupIds").EnumerateArray().Select(g => g.GetString()));
            var records = Assert.Single(prod.Of("Microsoft.Network/privateEndpoints/privateDnsZoneGroups"), g => g.Name == $"{endpoint.Name}/default");
            Assert.Contains(zone, records.List("properties.privateDnsZoneConfigs").Single().GetProperty("properties").GetProperty("privateDnsZoneId").GetString(), StringComparison.Ordinal);
        }

        Assert.NotEmpty(prod.Of(type));
        Assert.All((await Infrastructure.DevAsync()).Of(type), resource => Assert.Equal("Enabled", resource["properties.publicNetworkAccess"]));
    }

    [Fact]
    public async Task In_production_the_app_comes_from_the_network()
    {
        var network = Assert.Single((await Infrastructure.ProdAsync()).Of("Microsoft.Network/virtualNetworks"));
        Assert.Equal($"{network.Id}/subnets/functions", (await Infrastructure.ProdAsync()).The("Microsoft.Web/sites")["properties.virtualNetworkSubnetId"]);
        Assert.Null((await Infrastructure.DevAsync()).The("Microsoft.Web/sites")["properties.virtualNetworkSubnetId"]);
    }

    private static HashSet<(string Role, string Scope, string Principal)> Assignments(Snapshot snapshot)
    {
        var environment = snapshot.Of("Microsoft.ManagedIdentity/userAssignedIdentities").Single(i => i.Name.StartsWith("id-app-", StringComparison.Ordinal)).Name["id-app-".Length..];
        return [.. snapshot.Resources.Where(r => r.Type.EndsWith("oleAssignments", StringComparison.Ordinal)).Select(r => (
            r["properties.roleDefinitionId"]!.Split('/')[^1],
            General(r["properties.scope"] ?? r.Id[..r.Id.IndexOf("/providers/Microsoft.Authorization/", StringComparison.Ordinal)]),
            General(Regex.Match(r["properties.principalId"]!, @"^\[reference\('[^']*/(?<name>[^'/]+)', '[\d-]+'\)\.principalId\]$").Groups["name"].Value)))];

        // Without subscription and resource group, and the same for every environment.
        string General(string id) => id[(id.IndexOf("/providers/", StringComparison.Ordinal) is var at and >= 0 ? at + "/providers/".Length : 0)..].Replace(environment, "*", StringComparison.Ordinal);
    }

    [GeneratedRegex("listKeys|listSecrets|AccountKey|SharedAccessKey|primaryKey|primaryConnectionString", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex KeyWords();
}
