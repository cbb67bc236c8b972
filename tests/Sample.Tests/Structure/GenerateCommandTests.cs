using Pipeline.Tests.Cli;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.CodeGeneration;

/// <summary>The command, with the SDK that builds what it reads.</summary>
public sealed class GenerateCommandTests
{
    [Fact]
    public async Task A_check_of_this_repository_builds_the_services_and_says_what_the_generator_says_here()
    {
        var stale = GeneratedFilesTests.Stale();
        var run = await CliRun.OfAsync("generate", "--check", "--project", Repository.PathOf("services"));
        Assert.True(run.ExitCode == (stale.Count == 0 ? 0 : 1), run.Output + run.Error);
        Assert.All(stale, file => Assert.Contains($"not up to date: {file}", run.Output, StringComparison.Ordinal));
        Assert.Equal(stale.Count == 0, run.Output.Contains("Every generated file is up to date.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Services_that_do_not_build_are_told_with_the_error_and_nothing_is_left_behind()
    {
        var folder = Directory.CreateTempSubdirectory("pipeline-generate-").FullName;
        try
        {
            foreach (var project in new[] { "contracts", "services", "functions" })
            {
                Directory.CreateDirectory(Path.Combine(folder, project));
                await File.WriteAllTextAsync(
                    Path.Combine(folder, project, project + ".csproj"),
                    """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""");
            }

            await File.WriteAllTextAsync(Path.Combine(folder, "services", "Wrong.cs"), "public class Wrong : Nowhere;");
            var run = await CliRun.OfAsync("generate", "--project", Path.Combine(folder, "services"));
            Assert.Equal(1, run.ExitCode);
            Assert.Contains("The services do not build", run.Error, StringComparison.Ordinal);
            Assert.Contains("CS0246", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain(new[] { "contracts", "services" }, project => Directory.GetFiles(Path.Combine(folder, project), "*.g.cs").Length > 0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
