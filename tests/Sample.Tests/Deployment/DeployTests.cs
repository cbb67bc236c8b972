using System.Text.RegularExpressions;

namespace Pipeline.Tests.Deployment;

/// <summary>azd, the workflow and the script of stage 2 agree with the templates.</summary>
public sealed class DeployTests
{
    [Fact]
    public async Task The_script_and_the_parameters_of_stage_2_take_outputs_of_stage_1()
    {
        var outputs = (await Infrastructure.TemplateAsync("main.bicep")).GetProperty("outputs").EnumerateObject().Select(o => o.Name).ToList();
        var script = Repository.Text("infra-bicep/after-deploy.sh");
        var needed = Regex.Matches(script, @"\$\{(?<name>\w+):\?").Select(m => m.Groups["name"].Value).ToList();
        Assert.Equal(5, needed.Count);
        Assert.All(needed, name => Assert.Contains(name, outputs));
        var taken = BicepSources.VariablesOf("subscriptions.bicepparam");
        Assert.Equal(needed.Where(name => name != "AZURE_RESOURCE_GROUP").Order(), taken.Where(v => !v.Value).Select(v => v.Key).Order());
        Assert.Equal(["WEBHOOK_ENDPOINTS"], taken.Where(v => v.Value).Select(v => v.Key));
    }

    [Fact]
    public async Task Azd_deploys_the_app_that_bicep_tags_after_the_providers_and_runs_stage_2_after_the_code()
    {
        var azd = Repository.Text("azure.yaml");
        Assert.Contains("path: infra-bicep", azd, StringComparison.Ordinal);
        Assert.Contains("project: ./functions", azd, StringComparison.Ordinal);
        Assert.Matches(@"preprovision:\s+shell: sh\s+run: infra-bicep/before-deploy\.sh", azd);
        Assert.Matches(@"postdeploy:\s+shell: sh\s+run: infra-bicep/after-deploy\.sh", azd);
        var service = Regex.Match(azd, @"^services:\s+(?<name>\w+):", RegexOptions.Multiline).Groups["name"].Value;
        Assert.All(await Infrastructure.BothAsync(), snapshot => Assert.Equal(service, snapshot.The("Microsoft.Web/sites")["tags.azd-service-name"]));
    }

    [Fact]
    public void The_workflow_goes_through_all_steps_in_order_and_keeps_no_secret_of_Azure()
    {
        var workflow = Repository.Text(".github/workflows/deploy.yml");
        string[] steps =
        [
            ".ci/run", "infra-bicep/check.sh", "dotnet publish functions", "infra-bicep/install-compiler.sh", "az deployment sub what-if", "infra-bicep/before-deploy.sh", "az deployment sub create",
            "config-zip", "infra-bicep/after-deploy.sh", "demo --url",
        ];
        var at = steps.Select(step => workflow.IndexOf(step, StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, at);
        Assert.Equal(at.Order(), at);
        Assert.Equal(2, Regex.Count(workflow, "id-token: write"));
        Assert.DoesNotMatch(new Regex("client-secret|publish-profile|AZURE_CREDENTIALS", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant), workflow);
        foreach (Match path in Regex.Matches(workflow, @"infra-bicep/[\w.-]+\.(bicepparam|bicep|sh)"))
            Assert.True(File.Exists(Repository.PathOf(path.Value)), $"{path.Value} is not there.");
    }

    /// <summary>A shell that the workflow does not name does not fail with the first command of a pipe, so a plan that failed would be green.</summary>
    [Theory]
    [InlineData("ci.yml")]
    [InlineData("deploy.yml")]
    public void Workflows_name_the_shell_so_that_a_pipe_fails_with_any_of_its_commands(string name)
    {
        var workflow = Repository.Text($".github/workflows/{name}");
        Assert.Matches(@"(?m)^defaults:\n  run:\n    shell: bash$", workflow);
        Assert.Single(Regex.Matches(workflow, @"\bshell:"));
        Assert.DoesNotContain("set +", workflow, StringComparison.Ordinal);
        Assert.DoesNotContain("continue-on-error", workflow, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_workflow_is_among_those() =>
        Assert.Equal(["ci.yml", "deploy.yml"], Directory.GetFiles(Repository.PathOf(".github/workflows")).Select(path => Path.GetFileName(path)).Order());

    /// <summary>A machine of GitHub has a compiler of its own, of whatever version.</summary>
    [Fact]
    public void Everything_in_a_workflow_is_compiled_by_the_compiler_of_the_tests()
    {
        var deploy = Repository.Text(".github/workflows/deploy.yml");
        Assert.Contains("AZURE_BICEP_USE_BINARY_FROM_PATH: \"false\"", deploy, StringComparison.Ordinal);
        foreach (var job in Regex.Split(deploy, @"(?m)^  (?=[\w-]+:\n    (needs|runs-on):)").Where(job => job.Contains("az deployment", StringComparison.Ordinal) || job.Contains("after-deploy.sh", StringComparison.Ordinal)))
            Assert.True(job.IndexOf("run: infra-bicep/install-compiler.sh", StringComparison.Ordinal) is var at and >= 0 && at < job.IndexOf("az deployment", StringComparison.Ordinal), job);
        foreach (var workflow in new[] { deploy, Repository.Text(".github/workflows/ci.yml") })
        {
            Assert.Contains("run: infra-bicep/check.sh", workflow, StringComparison.Ordinal);
            Assert.DoesNotContain("az bicep", workflow, StringComparison.Ordinal);
        }
    }

    /// <summary>What a parameter file takes from the environment, the workflow and the guide have to name.</summary>
    [Fact]
    public void The_variables_of_the_parameter_files_are_those_of_the_workflow_and_the_guide()
    {
        var workflow = Repository.Text(".github/workflows/deploy.yml");
        var guide = Repository.Text("docs/operations/azure.md");
        Assert.All(BicepSources.Variables.Except(Infrastructure.Stage1Outputs.Select(o => o.Name)), name => Assert.Contains(name, guide, StringComparison.Ordinal));
        foreach (var name in new[] { "dev.bicepparam", "prod.bicepparam" }.SelectMany(file => BicepSources.VariablesOf(file).Keys).Distinct())
            Assert.Equal(2, Regex.Count(workflow, $@"{name}: \$\{{\{{ vars\.{name} \}}\}}"));
    }
}
