using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Pipeline.Tests.Hosting;

/// <summary>The pipeline's app with the embedded host in its own process, as <c>dotnet run</c> starts it.</summary>
public sealed class SameProcessTests : IDisposable
{
    private static readonly string[] Settings =
        ["--Local:HttpPort=0", "--Local:CosmosPort=0", "--Local:ServiceBusPort=0", "--Local:EventGridPort=0", "--Local:DataDirectory=memory", "--Local:Azurite=off"];

    private readonly string _data = Directory.CreateTempSubdirectory("pipeline-same-").FullName;

    private static string App => FunctionsProcess.Built("FunctionsDll");

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData("--Local:Worker=elsewhere", "'same' (the app runs in the host's process) or 'process'")]
    [InlineData("--Local:Wrker=same", "Did you mean Local:Worker?")]
    [InlineData("--Cosmos=AccountEndpoint=http://localhost:1/;AccountKey=AAAA", "The setting 'Cosmos' is on the command line")]
    [InlineData("--Local:Functions=nobody", "the app has no such function")]
    [InlineData("--Webhooks:carrier:tokenSha256=zz", "Webhooks__carrier__tokenSha256")]
    public async Task Start_that_fails_in_host_or_app_says_why_and_nothing_else_and_ends_with_1(string setting, string reason)
    {
        var (code, output, error) = await RunAsync([App, .. Settings, setting]);
        Assert.Equal(1, code);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("ready", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_in_use_is_named_with_its_setting()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var (code, _, error) = await RunAsync([App, .. Settings, Invariant($"--Local:HttpPort={port}")]);
        Assert.Equal(1, code);
        Assert.StartsWith(Invariant($"Port {port} is in use."), error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task App_without_the_ASP_NET_Core_framework_is_referred_to_pipeline_start()
    {
        var config = JsonNode.Parse(await File.ReadAllTextAsync(Path.ChangeExtension(App, ".runtimeconfig.json")))!;
        var frameworks = config["runtimeOptions"]!["frameworks"]!.AsArray();
        frameworks.Remove(frameworks.Single(framework => framework!["name"]!.GetValue<string>() == "Microsoft.AspNetCore.App"));
        var file = Path.Combine(_data, "bare.runtimeconfig.json");
        await File.WriteAllTextAsync(file, config.ToJsonString());
        var (code, _, error) = await RunAsync(["exec", "--runtimeconfig", file, App]);
        Assert.Equal(1, code);
        Assert.Contains("pipeline start", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signal_lets_what_runs_end_and_a_second_one_does_not()
    {
        await using var process = await FunctionsProcess.StartAsync(_data);
        using var client = await BeginOrderAsync(process.Http.BaseAddress!);
        await process.SignalAsync("INT");
        await Api.UntilAsync(() => Task.FromResult(process.Output.Contains("Pipeline is stopping", StringComparison.Ordinal)), "stopping");
        await process.SignalAsync("INT");
        Assert.Equal(130, await process.EndAsync());
    }

    [Fact]
    public async Task Process_of_its_own_is_one_setting_away_and_ends_in_order_too()
    {
        await using var process = await FunctionsProcess.StartAsync(_data, "--Local:Worker=process");
        await process.Http.SetStockAsync("a", 1);
        var order = await process.Http.PlaceAsync("k", "c", ("a", 1));
        await process.Http.WaitUntilFinalAsync([order]);
        Assert.Equal(0, await process.StopAsync());
    }

    /// <summary>Sends an order but for its body, of which the app waits for the rest.</summary>
    private static async Task<TcpClient> BeginOrderAsync(Uri address)
    {
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/orders HTTP/1.1\r\nHost: {address.Authority}\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"));

        // Asked for when the function is called.
        var answer = new byte[12];
        await client.GetStream().ReadExactlyAsync(answer).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("HTTP/1.1 100", Encoding.ASCII.GetString(answer));
        return client;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] words)
    {
        var start = new ProcessStartInfo("dotnet", words) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
