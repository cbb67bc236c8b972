using System.Net;
using Pipeline.Local;
using Pipeline.Local.Hosting;

namespace Pipeline.Tests.Hosting;

/// <summary>Function keys, where they are enforced: who gets in, with which key, and where the keys are kept.</summary>
public sealed class FunctionKeyTests : IDisposable
{
    private const string All = "KeyOpen,KeyUser,KeyFunction,KeySystem,KeyAdmin,GridSingle";
    private const string FixedKey = "a-key-for-tests";

    private readonly string _directory = Directory.CreateTempSubdirectory("pipeline-keys-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("/api/KeyOpen", "none host eventgrid master")]
    [InlineData("/api/KeyUser", "none host eventgrid master")]
    [InlineData("/api/KeyFunction", "host master")]
    [InlineData("/api/KeySystem", "eventgrid master")]
    [InlineData("/api/KeyAdmin", "master")]
    [InlineData("/admin/host/status", "master")]
    [InlineData("/", "none host eventgrid master")]
    public async Task Each_level_takes_its_keys_and_no_others(string path, string allowed)
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All, settings: ["--Local:Keys", "on"]);
        var keys = new Dictionary<string, string?>
        {
            ["none"] = null,
            ["wrong"] = "wrong",
            ["host"] = platform.Keys.Host,
            ["eventgrid"] = platform.SystemKey,
            ["master"] = platform.Keys.Master,
        };
        foreach (var (name, key) in keys)
        {
            var expected = allowed.Split(' ').Contains(name) || (name == "wrong" && allowed.Contains("none")) ? HttpStatusCode.OK : HttpStatusCode.Unauthorized;
            using var byHeader = await GetAsync(host, path, key);
            using var byQuery = await host.Http.GetAsync(key is null ? path : $"{path}?code={key}");
            Assert.True(expected == byHeader.StatusCode, $"{path} with {name} key in the header: {byHeader.StatusCode}");
            Assert.True(expected == byQuery.StatusCode, $"{path} with {name} key in the query: {byQuery.StatusCode}");
            if (expected == HttpStatusCode.Unauthorized)
                Assert.Empty(await byHeader.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Where_keys_are_not_enforced_everything_is_open()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All);
        foreach (var path in (string[])["/api/KeyFunction", "/api/KeyAdmin", "/admin/host/status"])
            Assert.True((await host.Http.GetAsync(path)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_wrong_header_is_not_made_good_by_the_query()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All, settings: ["--Local:Keys", "on"]);
        using var response = await GetAsync(host, $"/api/KeyFunction?code={platform.Keys.Host}", "wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_key_from_the_settings_takes_the_place_of_the_host_key()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All, settings: ["--Local:Keys", "on", "--Local:HostKey", FixedKey]);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(host, "/api/KeyFunction", FixedKey)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(host, "/api/KeyFunction", platform.Keys.Host)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(host, "/api/KeyAdmin", FixedKey)).StatusCode);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("OPTIONS")]
    public async Task Deliveries_and_handshakes_of_event_grid_need_the_system_key(string method)
    {
        const string Path = "/runtime/webhooks/EventGrid?functionName=GridSingle";
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All, settings: ["--Local:Keys", "on"]);
        async Task<HttpStatusCode> SendAsync(string path)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Add("aeg-event-type", "Notification");
            request.Content = new StringContent("""{"specversion":"1.0","id":"1","source":"/s","type":"t"}""", System.Text.Encoding.UTF8, "application/cloudevents+json");
            return (await host.Http.SendAsync(request)).StatusCode;
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(Path));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync($"{Path}&code={platform.Keys.Host}"));
        Assert.True((int)await SendAsync($"{Path}&code={platform.SystemKey}") < 300);
    }

    [Fact]
    public async Task Keys_outlive_the_process_and_only_their_owner_can_read_them()
    {
        (string Host, string Master, string System) first;
        await using (var platform = TestPlatform.Open(directory: _directory))
            first = (platform.Keys.Host, platform.Keys.Master, platform.SystemKey);
        Assert.Equal(3, new HashSet<string> { first.Host, first.Master, first.System }.Count);
        var path = Path.Combine(_directory, HostKeys.FileName);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        await using (var platform = TestPlatform.Open(directory: _directory))
            Assert.Equal(first, (platform.Keys.Host, platform.Keys.Master, platform.SystemKey));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"master":"a","host":"b"}""")]
    public async Task A_damaged_key_file_ends_the_start_and_is_not_quoted(string content)
    {
        File.WriteAllText(Path.Combine(_directory, HostKeys.FileName), content);
        await using var platform = TestPlatform.Open(directory: _directory);
        var error = await Assert.ThrowsAsync<StartupException>(() => TestHost.StartAsync(platform, All, settings: ["--Local:Keys", "on"]));
        Assert.Contains("Delete it", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(content, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_says_where_the_keys_are_and_never_what_they_are()
    {
        await using var platform = TestPlatform.Open(directory: _directory);
        await using var host = await TestHost.StartAsync(platform, All, settings: ["--Local:Keys", "on"]);
        (await GetAsync(host, "/api/KeyFunction", platform.Keys.Host)).Dispose();
        (await host.Http.GetAsync($"/api/KeyFunction?code={platform.Keys.Master}")).Dispose();
        Assert.Contains(host.Log.Lines, line => line.Contains(HostKeys.FileName, StringComparison.Ordinal));
        foreach (var key in (string[])[platform.Keys.Host, platform.Keys.Master, platform.SystemKey])
            Assert.DoesNotContain(host.Log.Lines, line => line.Contains(key, StringComparison.Ordinal) && !line.StartsWith("Trace", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--Local:Keys", "yes")]
    [InlineData("--Local:HostKey", "two words")]
    [InlineData("--Local:HostKey", "")]
    public void An_unusable_setting_is_an_error_that_names_it(string name, string value)
    {
        var error = Assert.Throws<StartupException>(() => TestHost.Build(null, All, settings: [name, value]));
        Assert.Contains(name[2..], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_name_of_the_site_is_known_before_the_first_trigger_runs()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "KeyTimer");
        var seen = await host.Probe.WaitAsync(1);
        Assert.Equal(Invariant($"localhost:{host.Http.BaseAddress!.Port}"), seen[0]);
    }

    [Fact]
    public async Task A_host_name_that_is_set_stays()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "KeyTimer", settings: ["--WEBSITE_HOSTNAME", "tunnel.example"]);
        Assert.Equal("tunnel.example", (await host.Probe.WaitAsync(1))[0]);
    }

    private static async Task<HttpResponseMessage> GetAsync(TestHost host, string path, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null)
            request.Headers.Add("x-functions-key", key);
        return await host.Http.SendAsync(request);
    }
}
