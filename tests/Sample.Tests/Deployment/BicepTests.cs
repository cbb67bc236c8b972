using System.Text.RegularExpressions;

namespace Pipeline.Tests.Deployment;

/// <summary>What the Bicep compiler says of the files.</summary>
public sealed class BicepTests
{
    [Fact]
    public async Task Every_template_compiles_without_a_warning()
    {
        var templates = await Infrastructure.TemplatesAsync();
        Assert.True(templates.Count >= 13, $"There are only {templates.Count.ToString(System.Globalization.CultureInfo.InvariantCulture)} templates.");
        Assert.All(templates.Values, template => Assert.Contains("deploymentTemplate.json", template.GetProperty("$schema").GetString(), StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The compiler itself ends well in the first two cases.</summary>
    [Theory]
    [InlineData("BCP037", "resource a 'Microsoft.ServiceBus/namespaces@2024-01-01' = {\n  name: 'abcdef'\n  location: 'x'\n  properties: {\n    geoDataReplication: {}\n  }\n}\n")]
    [InlineData("BCP053", "var a = { b: 1 }\noutput c int = a.?d ?? 2\n")]
    [InlineData("no-unused-params", "param a string\n")]
    public async Task A_warning_or_an_error_is_told(string code, string text)
    {
        using var folder = new BicepFolder();
        folder.Write("wrong.bicep", text);
        var told = await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => folder.CompileAsync(["build", "wrong.bicep"]));
        Assert.Contains(code, told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_file_is_formatted()
    {
        using var folder = new BicepFolder();
        await folder.CompileAsync(["format", "--pattern", "**/*.bicep"]);
        await folder.CompileAsync(["format", "--pattern", "*.bicepparam"]);
        Assert.All(BicepSources.All, file => Assert.True(folder.Read(file.Key) == file.Value, $"{file.Key} is not formatted: bicep format {file.Key}"));
    }

    [Fact]
    public void Every_module_is_used()
    {
        var used = BicepSources.Templates.SelectMany(name => Regex.Matches(BicepSources.All[name], "^module \\w+ '(?<path>[^']+)'", RegexOptions.Multiline)).Select(m => m.Groups["path"].Value);
        Assert.Equal(BicepSources.Templates.Where(name => name.StartsWith("modules/", StringComparison.Ordinal)), used.Order());
    }

    /// <summary>What-if cannot look into a module whose resources are named after something that another one made.</summary>
    [Fact]
    public async Task Names_are_known_before_anything_is_deployed()
    {
        foreach (var snapshot in new[] { await Infrastructure.DevAsync(), await Infrastructure.ProdAsync(), await Infrastructure.Stage2Async() })
            Assert.All(snapshot.Resources, resource => Assert.DoesNotContain("reference(", resource.Id, StringComparison.Ordinal));
    }

    /// <summary>A resource that nobody meant costs money or opens something; one that is gone is missed late.</summary>
    [Fact]
    public async Task Everything_that_stage_1_makes_is_accounted_for()
    {
        var serviceBus = Repository.Topology.GetProperty("serviceBus");
        var topics = serviceBus.GetProperty("topics").EnumerateArray().ToList();
        var subscriptions = topics.SelectMany(t => t.GetProperty("subscriptions").EnumerateArray()).ToList();
        var queues = serviceBus.GetProperty("queues").GetArrayLength();
        var dev = new Dictionary<string, int>
        {
            ["Microsoft.Authorization/roleAssignments"] = topics.Count + subscriptions.Count + queues + 6,
            ["Microsoft.Consumption/budgets"] = 1,
            ["Microsoft.DocumentDB/databaseAccounts"] = 1,
            ["Microsoft.DocumentDB/databaseAccounts/sqlDatabases"] = 1,
            ["Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers"] = Repository.Topology.GetProperty("cosmos").GetProperty("containers").GetArrayLength() + 1,
            ["Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments"] = 1,
            ["Microsoft.EventGrid/topics"] = 1,
            ["Microsoft.Insights/actionGroups"] = 1,
            ["Microsoft.Insights/components"] = 1,
            ["Microsoft.Insights/metricAlerts"] = 6,
            ["Microsoft.Insights/scheduledQueryRules"] = Repository.Json("infra-bicep/alerts.json").GetArrayLength(),
            ["Microsoft.Insights/workbooks"] = 1,
            ["Microsoft.KeyVault/vaults"] = 1,
            ["Microsoft.ManagedIdentity/userAssignedIdentities"] = 2,
            ["Microsoft.OperationalInsights/workspaces"] = 1,
            ["Microsoft.Resources/resourceGroups"] = 1,
            ["Microsoft.ServiceBus/namespaces"] = 1,
            ["Microsoft.ServiceBus/namespaces/queues"] = queues,
            ["Microsoft.ServiceBus/namespaces/topics"] = topics.Count,
            ["Microsoft.ServiceBus/namespaces/topics/subscriptions"] = subscriptions.Count,
            ["Microsoft.ServiceBus/namespaces/topics/subscriptions/rules"] = subscriptions.Sum(s => s.GetProperty("types").GetArrayLength() + 1),
            ["Microsoft.Storage/storageAccounts"] = 2,
            ["Microsoft.Storage/storageAccounts/blobServices"] = 2,
            ["Microsoft.Storage/storageAccounts/blobServices/containers"] = 3,
            ["Microsoft.Web/serverfarms"] = 1,
            ["Microsoft.Web/sites"] = 1,
            ["Microsoft.Web/sites/basicPublishingCredentialsPolicies"] = 2,
            ["Microsoft.Web/sites/config"] = 1,
        };
        var prod = new Dictionary<string, int>(dev)
        {
            ["Microsoft.Network/privateDnsZones"] = 5,
            ["Microsoft.Network/privateDnsZones/virtualNetworkLinks"] = 5,
            ["Microsoft.Network/privateEndpoints"] = 6,
            ["Microsoft.Network/privateEndpoints/privateDnsZoneGroups"] = 6,
            ["Microsoft.Network/virtualNetworks"] = 1,
        };
        Assert.Equal(Lines(dev), Lines((await Infrastructure.DevAsync()).Resources.CountBy(r => r.Type)));
        Assert.Equal(Lines(prod), Lines((await Infrastructure.ProdAsync()).Resources.CountBy(r => r.Type)));

        static IEnumerable<string> Lines(IEnumerable<KeyValuePair<string, int>> counts) =>
            counts.Select(c => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{c.Key}: {c.Value}")).Order();
    }

    /// <summary>A number that depends on a secret is one that neither what-if nor a snapshot knows.</summary>
    [Fact]
    public async Task Nothing_but_a_value_depends_on_a_secure_parameter()
    {
        foreach (var (name, template) in await Infrastructure.TemplatesAsync())
        {
            var secure = template.TryGetProperty("parameters", out var parameters)
                ? parameters.EnumerateObject().Where(p => p.Value.GetProperty("type").GetString()!.StartsWith("secure", StringComparison.OrdinalIgnoreCase)).Select(p => p.Name).ToList()
                : [];
            var variables = template.TryGetProperty("variables", out var declared) ? declared.GetRawText() : "";
            foreach (var parameter in secure)
            {
                Assert.False(variables.Contains($"parameters('{parameter}')", StringComparison.Ordinal), $"{name}: a variable depends on {parameter}");
                foreach (var resource in Resources(template))
                {
                    foreach (var part in new[] { "copy", "condition", "name", "scope" })
                        Assert.False(resource.TryGetProperty(part, out var value) && value.GetRawText().Contains($"parameters('{parameter}')", StringComparison.Ordinal), $"{name}: '{part}' of a resource depends on {parameter}");
                }
            }

            if (name == "subscriptions.bicep")
                Assert.Equal(["webhookEndpoints"], secure);
        }
    }

    private static IEnumerable<System.Text.Json.JsonElement> Resources(System.Text.Json.JsonElement template)
    {
        var resources = template.GetProperty("resources");
        return resources.ValueKind == System.Text.Json.JsonValueKind.Array ? resources.EnumerateArray() : resources.EnumerateObject().Select(r => r.Value);
    }
}
