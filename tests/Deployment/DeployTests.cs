using System.Text.RegularExpressions;

namespace Pipeline.Tests.Deployment;

/// <summary>azd, the workflow and the script of stage 2 agree with the templates.</summary>
public sealed class DeployTests
{
    [Fact]
    public async Task The_script_of_stage_2_takes_outputs_of_stage_1_and_gives_the_parameters_of_stage_2()
    {
        var files = await BicepFiles.AllAsync();
        var script = Repository.Text("infra-bicep/after-deploy.sh");
        var needed = Regex.Matches(script, @"\$\{(?<name>\w+):\?").Select(m => m.Groups["name"].Value).ToList();
        Assert.Equal(5, needed.Count);
        Assert.All(needed, name => Assert.Contains(name, files["main.bicep"].Outputs));
        var given = Regex.Matches(script, @"^    (?<name>\w+)=", RegexOptions.Multiline).Select(m => m.Groups["name"].Value).ToList();
        Assert.Equal(files["subscriptions.bicep"].Params.Keys.Order(), given.Order());
        Assert.Contains("--template-file subscriptions.bicep", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Azd_deploys_the_app_that_bicep_tags_and_runs_stage_2_after_the_code()
    {
        var azd = Repository.Text("azure.yaml");
        Assert.Contains("path: infra-bicep", azd, StringComparison.Ordinal);
        Assert.Contains("project: ./functions", azd, StringComparison.Ordinal);
        Assert.Matches(@"postdeploy:\s+shell: sh\s+run: infra-bicep/after-deploy\.sh", azd);
        var service = Regex.Match(azd, @"^services:\s+(?<name>\w+):", RegexOptions.Multiline).Groups["name"].Value;
        Assert.Contains($"'azd-service-name': '{service}'", BicepFiles.Text("modules/function-app.bicep"), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.True(File.GetUnixFileMode(Repository.PathOf("infra-bicep/after-deploy.sh")).HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public void The_workflow_goes_through_all_steps_in_order_and_keeps_no_secret_of_Azure()
    {
        var workflow = Repository.Text(".github/workflows/deploy.yml");
        string[] steps =
        [
            ".ci/run", "infra-bicep/check.sh", "dotnet publish functions", "az deployment sub what-if", "az deployment sub create",
            "config-zip", "infra-bicep/after-deploy.sh", "demo --url",
        ];
        var at = steps.Select(step => workflow.IndexOf(step, StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, at);
        Assert.Equal(at.Order(), at);
        Assert.Equal(2, Regex.Count(workflow, "id-token: write"));
        Assert.DoesNotMatch("(?i)client-secret|publish-profile|AZURE_CREDENTIALS", workflow);
        foreach (Match path in Regex.Matches(workflow, @"infra-bicep/[\w.-]+\.(bicepparam|bicep|sh)"))
            Assert.True(File.Exists(Repository.PathOf(path.Value)), $"{path.Value} is not there.");
    }

    /// <summary>Nobody has a compiler where these tests run, so each file has to come by one before it is deployed.</summary>
    [Fact]
    public void Every_template_and_parameter_file_is_linted_and_built_for_every_pull_request()
    {
        var check = Repository.Text("infra-bicep/check.sh");
        Assert.Contains("az bicep lint", check, StringComparison.Ordinal);
        Assert.Contains("az bicep build ", check, StringComparison.Ordinal);
        Assert.Contains("az bicep build-params", check, StringComparison.Ordinal);
        Assert.All(
            Directory.GetFiles(Repository.PathOf("infra-bicep")).Select(file => Path.GetFileName(file)).Where(name => Path.GetExtension(name) is ".bicep" or ".bicepparam"),
            name => Assert.Contains(name, check, StringComparison.Ordinal));
        Assert.Contains("run: infra-bicep/check.sh", Repository.Text(".github/workflows/ci.yml"), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.True(File.GetUnixFileMode(Repository.PathOf("infra-bicep/check.sh")).HasFlag(UnixFileMode.UserExecute));
    }

    /// <summary>What a parameter file takes from the environment, the workflow and the guide have to name.</summary>
    [Fact]
    public void The_variables_of_the_parameter_files_are_those_of_the_workflow_and_the_guide()
    {
        var workflow = Repository.Text(".github/workflows/deploy.yml");
        var guide = Repository.Text("docs/azure.md");
        foreach (var file in new[] { "dev.bicepparam", "prod.bicepparam", "main.bicepparam" })
        {
            foreach (Match variable in Regex.Matches(BicepFiles.Text(file), @"readEnvironmentVariable\('(?<name>\w+)'"))
            {
                var name = variable.Groups["name"].Value;
                Assert.Contains(name, guide, StringComparison.Ordinal);
                if (file != "main.bicepparam")
                    Assert.Equal(2, Regex.Count(workflow, $@"{name}: \$\{{\{{ vars\.{name} (\|\| '\w+' )?\}}\}}"));
            }
        }
    }
}
