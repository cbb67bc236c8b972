using Pipeline.Cli.Applications;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Cli;

/// <summary>The tool in this repository, whose application is the sample.</summary>
public sealed class SampleApplicationTests
{
    [Fact]
    public void The_sample_is_known_by_its_demo() => Assert.True(Application.Find(Repository.PathOf("docs"))!.IsSample);

    [Fact]
    public async Task Contracts_are_read_from_the_assembly_that_is_named()
    {
        var built = Directory.GetFiles(Repository.PathOf("contracts/bin"), "Pipeline.Sample.Contracts.dll", SearchOption.AllDirectories).MaxBy(File.GetLastWriteTimeUtc)!;
        foreach (var named in new[] { built, Repository.PathOf("contracts") })
        {
            var run = await CliRun.OfAsync("contracts", "list", "--project", named);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.Contains("com.contoso.ordering.order-placed.v1", run.Output, StringComparison.Ordinal);
        }
    }
}
