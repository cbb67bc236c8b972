using System.Text.RegularExpressions;

namespace Pipeline.Tests.Deployment;

/// <summary>The app and the Event Grid topic may do what they need, where they need it, and no key opens anything.</summary>
public sealed class RoleTests
{
    private const string BlobOwner = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
    private const string BlobContributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
    private const string CosmosContributor = "00000000-0000-0000-0000-000000000002";
    private const string ServiceBusSender = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39";
    private const string ServiceBusOwner = "090c5cfd-751d-490a-894a-3ce6f1109419";
    private const string EventGridSender = "d5a91429-5739-47e2-a06b-3470a27159e7";
    private const string MetricsPublisher = "3913510d-42f4-4e42-8a64-420c390055eb";
    private const string SecretsOfficer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";

    /// <summary>For every kind of binding, the roles it needs: module, role, scope, whose.</summary>
    private static readonly Dictionary<string, (string Module, string Role, string Scope, string Principal)[]> Needed = new(StringComparer.Ordinal)
    {
        ["CosmosDBTriggerAttribute"] = [("cosmos", CosmosContributor, "'${account.id}/dbs/${topology.database}'", "appPrincipalId")],
        ["ServiceBusTriggerAttribute"] =
        [
            ("service-bus", ServiceBusOwner, "subscriptions[i]", "appPrincipalId"),
            ("service-bus", ServiceBusOwner, "queues[i]", "appPrincipalId"),
        ],
        ["EventGridTriggerAttribute"] = [("storage", BlobContributor, "deadLetters", "topicPrincipalId")],
        ["TimerTriggerAttribute"] = [("storage", BlobOwner, "host", "appPrincipalId")],
        ["HttpTriggerAttribute"] = [("storage", BlobOwner, "host", "appPrincipalId"), ("key-vault", SecretsOfficer, "vault", "appPrincipalId")],
    };

    /// <summary>What the app uses without a binding.</summary>
    private static readonly (string Module, string Role, string Scope, string Principal)[] Clients =
    [
        ("cosmos", CosmosContributor, "'${account.id}/dbs/${topology.database}'", "appPrincipalId"),
        ("service-bus", ServiceBusSender, "topics[i]", "appPrincipalId"),
        ("event-grid", EventGridSender, "topic", "appPrincipalId"),
        ("storage", BlobContributor, "payloads", "appPrincipalId"),
        ("monitoring", MetricsPublisher, "insights", "appPrincipalId"),
    ];

    [Fact]
    public async Task Every_role_that_a_binding_or_a_client_needs_is_assigned()
    {
        var assignments = await AssignmentsAsync();
        var kinds = AppFunctions.Triggers.Select(t => t.GetType().Name).Distinct().ToList();
        Assert.All(kinds, kind => Assert.True(Needed.ContainsKey(kind), $"Say here which roles a {kind} needs."));
        foreach (var role in kinds.SelectMany(kind => Needed[kind]).Concat(Clients))
            Assert.Contains(role, assignments);
    }

    [Fact]
    public async Task No_role_is_assigned_that_nothing_needs()
    {
        var needed = Needed.Values.SelectMany(roles => roles).Concat(Clients).ToHashSet();
        var assignments = await AssignmentsAsync();
        Assert.Equal(10, assignments.Count);
        Assert.All(assignments, assignment => Assert.Contains(assignment, needed));
    }

    [Theory]
    [InlineData("modules/cosmos.bicep", "disableLocalAuth: true")]
    [InlineData("modules/service-bus.bicep", "disableLocalAuth: true")]
    [InlineData("modules/event-grid.bicep", "disableLocalAuth: true")]
    [InlineData("modules/storage.bicep", "allowSharedKeyAccess: false")]
    [InlineData("modules/storage.bicep", "allowBlobPublicAccess: false")]
    [InlineData("modules/monitoring.bicep", "DisableLocalAuth: true")]
    [InlineData("modules/key-vault.bicep", "enableRbacAuthorization: true")]
    [InlineData("modules/function-app.bicep", "allow: false")]
    public void No_key_opens_anything(string file, string says) => Assert.Contains(says, BicepFiles.Text(file), StringComparison.Ordinal);

    [Fact]
    public async Task Nothing_reads_a_key_and_no_setting_holds_one()
    {
        foreach (var name in (await BicepFiles.AllAsync()).Keys)
        {
            Assert.DoesNotMatch("(?i)listKeys|listSecrets|AccountKey|SharedAccessKey|primaryKey|primaryConnectionString", BicepFiles.Text(name));
            foreach (Match role in Regex.Matches(BicepFiles.Text(name), "'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'"))
                Assert.Contains(role.Value.Trim('\''), new[] { BlobOwner, BlobContributor, CosmosContributor, ServiceBusSender, ServiceBusOwner, EventGridSender, MetricsPublisher, SecretsOfficer });
        }
    }

    /// <summary>Everything that holds data is behind private endpoints in production, each with the zone of its kind.</summary>
    [Theory]
    [InlineData("cosmos")]
    [InlineData("service-bus")]
    [InlineData("event-grid")]
    [InlineData("storage")]
    [InlineData("key-vault")]
    public void In_production_nothing_is_reached_from_outside_but_the_app(string module) =>
        Assert.Contains("publicNetworkAccess: isProd ? 'Disabled' : 'Enabled'", BicepFiles.Text($"modules/{module}.bicep"), StringComparison.Ordinal);

    private static async Task<HashSet<(string Module, string Role, string Scope, string Principal)>> AssignmentsAsync() =>
    [
        .. (await BicepFiles.ResourcesAsync())
            .Where(r => r.Resource.Type.Contains("oleAssignments@", StringComparison.Ordinal))
            .Select(r => (
                Path.GetFileNameWithoutExtension(r.File),
                RoleOf(r.File, r.Resource.Text),
                Regex.Match(r.Resource.Text, @"\bscope: (?<scope>.+)").Groups["scope"].Value.Trim(),
                Regex.Match(r.Resource.Text, @"\bprincipalId: (?<id>\w+)").Groups["id"].Value)),
    ];

    /// <summary>The id of the role, through the variable that names it.</summary>
    private static string RoleOf(string file, string resource)
    {
        var definition = Regex.Match(resource, "roleDefinitionId: (?<text>.+)").Groups["text"].Value;
        var variable = Regex.Match(definition, @"(roleDefinitions', |sqlRoleDefinitions/\$\{)(?<name>\w+)").Groups["name"].Value;
        return Regex.Match(BicepFiles.Text(file), $@"var {variable} = '(?<id>[^']+)'").Groups["id"].Value;
    }
}
