using System.Net;
using Pipeline.Local;

namespace Pipeline.Tests.Hosting;

/// <summary>Functions that settings switch off, as in Azure.</summary>
public sealed class DisabledFunctionTests
{
    [Theory]
    [InlineData("AzureWebJobs.HttpAction.Disabled", "true")]
    [InlineData("AzureWebJobs.httpaction.disabled", "1")]
    [InlineData("AzureWebJobs:HttpAction:Disabled", "True")]
    public async Task A_disabled_function_is_not_run_and_said_so(string name, string value)
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "HttpAction,HttpDefaults", settings: [$"--{name}", value]);
        using var gone = await host.Http.PostAsync("/api/HttpAction", new StringContent("x"));
        using var there = await host.Http.GetAsync("/api/HttpDefaults");
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), (gone.StatusCode, there.StatusCode));
        Assert.Contains(host.Log.Lines, line => line.Contains("HttpAction is disabled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Neither_true_nor_false_is_an_error_that_names_the_setting()
    {
        await using var platform = TestPlatform.Open();
        var error = await Assert.ThrowsAsync<StartupException>(() => TestHost.StartAsync(platform, "HttpAction", settings: ["--AzureWebJobs.HttpAction.Disabled", "perhaps"]));
        Assert.Contains("AzureWebJobs.HttpAction.Disabled is 'perhaps'", error.Message, StringComparison.Ordinal);
    }
}
