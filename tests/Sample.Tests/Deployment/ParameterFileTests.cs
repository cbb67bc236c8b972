using System.Text.Json;

namespace Pipeline.Tests.Deployment;

/// <summary>Parameter files and the environment variables that they read.</summary>
public sealed class ParameterFileTests
{
    private static readonly (string Name, string Value)[] Required =
        [("AZURE_ENV_NAME", "check"), ("AZURE_LOCATION", "westeurope"), .. Infrastructure.Stage1Outputs];

    /// <summary>GitHub hands over a variable that is not set as an empty text.</summary>
    [Fact]
    public async Task An_empty_variable_is_taken_for_not_set()
    {
        using var folder = new BicepFolder();
        foreach (var name in BicepSources.ParameterFiles)
        {
            var given = BicepSources.VariablesOf(name).Select(v => (v.Key, v.Value ? "" : Required.Single(r => r.Name == v.Key).Value));
            await folder.CompileAsync(["build-params", name, "--outfile", $"{name}.json"], [.. given]);
        }

        var (dev, prod, main, stage2) = (Parameters("dev"), Parameters("prod"), Parameters("main"), Parameters("subscriptions"));
        Assert.Equal(("dev", "westeurope", "100", ""), (dev("environmentName"), dev("location"), dev("budgetAmount"), dev("budgetStart")));
        Assert.Equal(("prod", "westeurope", "3000", "False"), (prod("environmentName"), prod("location"), prod("budgetAmount"), prod("replicateMessages")));
        Assert.Equal(("dev", "check", "100", "False"), (main("profile"), main("environmentName"), main("budgetAmount"), main("replicateMessages")));
        Assert.Equal(("[]", "{}"), (stage2("webhooks"), stage2("webhookEndpoints")));

        Func<string, string> Parameters(string name)
        {
            var parameters = JsonDocument.Parse(folder.Read($"{name}.bicepparam.json")).RootElement.GetProperty("parameters");
            return parameter => parameters.GetProperty(parameter).GetProperty("value").ToString();
        }
    }

    [Fact]
    public async Task Variables_that_are_set_are_taken()
    {
        using var folder = new BicepFolder();
        await folder.CompileAsync(
            ["build-params", "main.bicepparam", "--outfile", "main.json"],
            [.. Required, ("PIPELINE_PROFILE", "prod"), ("REPLICATE_MESSAGES", "true"), ("BUDGET_AMOUNT", "7"), ("AZURE_SECONDARY_LOCATION", "northeurope")]);
        var parameters = JsonDocument.Parse(folder.Read("main.json")).RootElement.GetProperty("parameters");
        Assert.Equal(
            ["prod", "True", "7", "northeurope"],
            new[] { "profile", "replicateMessages", "budgetAmount", "secondaryLocation" }.Select(p => parameters.GetProperty(p).GetProperty("value").ToString()));
    }

    /// <summary>Each is told, with the line of its parameter, before anything is deployed.</summary>
    [Fact]
    public async Task A_variable_that_makes_no_sense_is_refused()
    {
        using var folder = new BicepFolder();
        var (code, said) = await folder.RunAsync(
            ["build-params", "main.bicepparam", "--stdout"],
            [.. Required, ("PIPELINE_PROFILE", "production"), ("REPLICATE_MESSAGES", "maybe"), ("BUDGET_AMOUNT", "ten"), ("AZURE_LOCATION", "")]);
        Assert.NotEqual(0, code);
        Assert.Contains("'production'", said, StringComparison.Ordinal);
        Assert.Contains("\"replicateMessages\"", said, StringComparison.Ordinal);
        Assert.Contains("\"budgetAmount\"", said, StringComparison.Ordinal);
        Assert.Contains("BCP333", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json", "BCP186")]
    [InlineData("[]", "BCP033")]
    public async Task Addresses_of_webhooks_that_are_no_object_are_refused(string endpoints, string told)
    {
        using var folder = new BicepFolder();
        var (code, said) = await folder.RunAsync(["build-params", "subscriptions.bicepparam", "--stdout"], [.. Infrastructure.Stage1Outputs, ("WEBHOOK_ENDPOINTS", endpoints)]);
        Assert.NotEqual(0, code);
        Assert.Contains(told, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stage_2_is_refused_without_an_output_of_stage_1()
    {
        using var folder = new BicepFolder();
        var (code, said) = await folder.RunAsync(["build-params", "subscriptions.bicepparam", "--stdout"], [.. Infrastructure.Stage1Outputs.Select(o => (o.Name, ""))]);
        Assert.NotEqual(0, code);
        Assert.Equal(4, said.Split("Error BCP333").Length - 1);
    }
}
