using Pipeline.Services;

namespace Pipeline.Tests.Deployment;

/// <summary>Plan, app and instances.</summary>
public sealed class FunctionAppTests
{
    [Fact]
    public async Task Functions_that_are_always_ready_exist_and_are_not_of_the_http_group()
    {
        var ready = (await Infrastructure.ProdAsync()).The("Microsoft.Web/sites").List("properties.functionAppConfig.scaleAndConcurrency.alwaysReady")
            .Select(r => (Name: r.GetProperty("name").GetString()!, Count: r.GetProperty("instanceCount").GetInt32())).ToList();
        Assert.True(ready.Count >= 5);
        Assert.Contains(ready, r => r.Name == "http");
        Assert.Equal(ready.Count, ready.Select(r => r.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(ready.Where(r => r.Name != "http"), r => Assert.Contains(r.Name, AppFunctions.NamesWithoutHttp.Select(name => $"function:{name}")));
        // The plan of prod is zone redundant, and keeps and bills two of each anyway.
        Assert.All(ready, r => Assert.True(r.Count >= 2, $"{r.Name} has only {r.Count.ToString(CultureInfo.InvariantCulture)}"));
        Assert.Empty((await Infrastructure.DevAsync()).The("Microsoft.Web/sites").List("properties.functionAppConfig.scaleAndConcurrency.alwaysReady"));
    }

    [Fact]
    public async Task The_app_survives_the_loss_of_a_zone_in_prod_and_saves_in_dev()
    {
        Assert.Equal("true", (await Infrastructure.ProdAsync()).The("Microsoft.Web/serverfarms")["properties.zoneRedundant"]);
        Assert.Equal("false", (await Infrastructure.DevAsync()).The("Microsoft.Web/serverfarms")["properties.zoneRedundant"]);
    }

    /// <summary>A zone-redundant app has two instances of each function, which is most of what production costs.</summary>
    [Fact]
    public void The_guide_says_how_many_functions_and_containers_there_are()
    {
        var guide = Repository.Text("docs/operations/azure.md");
        Assert.Contains("each other function (two per consumer, one more by Event Grid, one per service, three timers)", guide, StringComparison.Ordinal);
        Assert.Contains("containers at a tenth (one per service, two more)", guide, StringComparison.Ordinal);
        var consumers = Catalog.Consumers;
        var services = consumers.Select(c => c.Service).Distinct().Count();
        Assert.Equal(consumers.Count * 2 + consumers.Count(c => c.EventGridSubscription is not null) + services + 3, AppFunctions.NamesWithoutHttp.Count);
        Assert.Equal(services + 2, Repository.Topology.GetProperty("cosmos").GetProperty("containers").GetArrayLength());
    }

    /// <summary>Where a region does not have it, Azure refuses the plan without saying why.</summary>
    [Fact]
    public void The_guide_says_which_regions_have_zone_redundancy_and_what_to_do_in_others()
    {
        var guide = Repository.Text("docs/operations/azure.md");
        foreach (var part in new[] { "`FCZONEREDUNDANCY`", "az functionapp list-flexconsumption-locations --zone-redundant=true", "`param zoneRedundantApp = false`" })
            Assert.Contains(part, guide, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_runtime_is_that_of_the_code()
    {
        foreach (var snapshot in await Infrastructure.BothAsync())
        {
            var app = snapshot.The("Microsoft.Web/sites");
            Assert.Equal(("dotnet-isolated", "10.0"), (app["properties.functionAppConfig.runtime.name"], app["properties.functionAppConfig.runtime.version"]));
            Assert.Equal("FC1", snapshot.The("Microsoft.Web/serverfarms")["sku.name"]);
        }

        Assert.Contains("<TargetFramework>net10.0</TargetFramework>", Repository.Text("Directory.Build.props"), StringComparison.Ordinal);
    }

    /// <summary>A property that is misspelt is dropped without a word where the compiler cannot know the type of an object.</summary>
    [Fact]
    public async Task Nothing_is_published_with_a_password()
    {
        foreach (var snapshot in await Infrastructure.BothAsync())
        {
            var policies = snapshot.Of("Microsoft.Web/sites/basicPublishingCredentialsPolicies");
            Assert.Equal(["ftp", "scm"], policies.Select(p => p.Path).Order());
            Assert.All(policies, policy => Assert.Equal("false", policy["properties.allow"]));
        }
    }
}
