using System.Diagnostics;
using System.Net;
using Pipeline.Local;
using Pipeline.Local.Hosting;

namespace Pipeline.Tests.Hosting;

/// <summary>The life of an app's process under the embedded host.</summary>
public sealed class ChildProcessTests
{
    [Fact]
    public async Task Process_that_dies_is_started_again_and_what_it_ran_failed()
    {
        await using var host = await StartAsync("--Local:Functions=Plain");
        host.Answer = line => line.Contains("delivery 1", StringComparison.Ordinal) ? "exit" : "complete";
        await host.Platform.SendAsync("plain", null, "deadly");
        await host.SeeAsync(seen => seen.Any(line => line.Contains("delivery 2", StringComparison.Ordinal)));
        Assert.Contains(host.Log.Lines, line => line.Contains("has ended (exit code 3). It is started again.", StringComparison.Ordinal));
        Assert.Contains(host.Log.Lines, line => line.StartsWith("Error: Plain failed", StringComparison.Ordinal) && line.Contains("process ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Function_that_takes_too_long_ends_the_process_and_its_message_comes_again()
    {
        await using var host = await StartAsync("--Local:Functions=Plain", "--AzureFunctionsJobHost:functionTimeout=00:00:01");
        host.Answer = line => line.Contains("delivery 1", StringComparison.Ordinal) ? "wait" : "complete";
        await host.Platform.SendAsync("plain", null, "slow");

        // On a busy machine the process that was started again may need the second for its own start, and is ended once more.
        await host.SeeAsync(seen => seen.Any(line => !line.Contains("delivery 1", StringComparison.Ordinal)));
        Assert.Contains(host.Log.Lines, line => line.StartsWith("Error: Plain has taken too long", StringComparison.Ordinal));
    }

    [Fact]
    public async Task App_without_a_web_server_of_its_own_gets_requests_with_the_invocation()
    {
        await using var host = await StartAsync("--Local:Functions=Data", "--PROBE_HTTP=plain");
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/data/word?q=a%20b") { Content = new StringContent("bödy") };
        request.Headers.Add("x-sent", "and back");
        using var response = await host.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("and back", response.Headers.GetValues("x-own").Single());
        Assert.Equal("word a b bödy", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Keys_are_the_hosts_and_asked_for_where_they_are_on()
    {
        await using var host = await StartAsync("--Local:Functions=Data", "--PROBE_HTTP=plain", "--Local:Keys=on", "--Local:HostKey=secret");
        using var refused = await host.Http.PostAsync("api/data/word", null);
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/data/word");
        request.Headers.Add("x-functions-key", "secret");
        request.Headers.Add("x-sent", "1");
        using var let = await host.Http.SendAsync(request);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Created), (refused.StatusCode, let.StatusCode));
    }

    [Fact]
    public async Task Process_ends_with_an_orderly_end_of_the_host()
    {
        var host = await StartAsync("--Local:Functions=Process");
        using var child = Process.GetProcessById(int.Parse(await host.Http.GetStringAsync("api/process"), CultureInfo.InvariantCulture));
        await host.DisposeAsync();
        await child.WaitForExitAsync(Timeout());
    }

    [Fact]
    public async Task Pipeline_start_hosts_the_app_and_a_killed_host_leaves_no_process_behind()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] words = [Path.Combine(AppContext.BaseDirectory, "Pipeline.Cli.dll"), "start", ChildHost.Folder, .. ChildHost.Settings, "--PROBE_URL", "http://127.0.0.1:1/", "--Local:Functions", "Process"];
        foreach (var word in words)
            start.ArgumentList.Add(word);
        using var host = Process.Start(start)!;
        try
        {
            var port = await PortAsync(host);
            using var http = new HttpClient();
            using var child = Process.GetProcessById(int.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/api/process")), CultureInfo.InvariantCulture));
            host.Kill();
            await child.WaitForExitAsync(Timeout());
        }
        finally
        {
            host.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Function_that_does_not_exist_ends_the_start()
    {
        var error = await Assert.ThrowsAsync<StartupException>(() => ChildHost.StartAsync("--Local:Functions=Nobody"));
        Assert.Contains("Local:Functions names 'Nobody', and the app has no such function.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task App_that_does_not_start_says_why()
    {
        var error = await Assert.ThrowsAsync<StartupException>(() => ChildHost.StartAsync("--PROBE_URL=no address"));
        Assert.Contains("ended with code", error.Message, StringComparison.Ordinal);
        Assert.Contains("Invalid URI", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_without_a_built_app_is_refused_with_what_to_do()
    {
        var error = Assert.Throws<StartupException>(() => AppFolder.Find(Path.GetTempPath()));
        Assert.Contains("dotnet build", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Project_folder_leads_to_what_was_built_last() =>
        Assert.Equal("Pipeline.ProbeApp.dll", Path.GetFileName(AppFolder.Find(Path.Combine(ChildHost.Folder, "..", "..", "..")).Assembly));

    private static Task<ChildHost> StartAsync(params string[] settings) => ChildHost.StartAsync(settings);

    private static async Task<string> PortAsync(Process host)
    {
        const string Line = "Listening on http://127.0.0.1:";
        while (await host.StandardOutput.ReadLineAsync(Timeout()) is { } line)
        {
            if (line.StartsWith(Line, StringComparison.Ordinal))
                return line[Line.Length..];
        }

        throw new InvalidOperationException(await host.StandardError.ReadToEndAsync());
    }

    private static CancellationToken Timeout() => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
}
