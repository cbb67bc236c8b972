using System.Net;
using System.Net.Sockets;
using System.Text;
using Pipeline.Local;
using Pipeline.Local.Hosting;

namespace Pipeline.Tests.Hosting;

/// <summary>Web pages get nothing from the ports of this machine: not those of other sites, and not under a host name that was made to lead here.</summary>
public sealed class LoopbackGuardTests : IAsyncLifetime
{
    private readonly int _cosmos = FreePort();
    private readonly int _eventGrid = FreePort();
    private TestHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = TestHost.Build(null, "HttpDefaults,HttpRoute", settings: [
            "--Cosmos", string.Create(CultureInfo.InvariantCulture, $"AccountEndpoint=http://localhost:{_cosmos}/;AccountKey=x"), "--ServiceBus", "Endpoint=sb://guard.test",
            "--Local:CosmosPort", _cosmos.ToString(CultureInfo.InvariantCulture), "--Local:EventGridPort", _eventGrid.ToString(CultureInfo.InvariantCulture),
            "--EventGrid:topicEndpoint", string.Create(CultureInfo.InvariantCulture, $"http://localhost:{_eventGrid}/api/events"),
            "--Local:AllowedHosts", "pipeline.test, 192.168.7.7", "--WEBSITE_HOSTNAME", "tunnel.test:8443"]);
        await _host.App.StartAsync();
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public static TheoryData<string, string> Refused { get; } = new()
    {
        { "Host: evil.test", "Local:AllowedHosts" },
        { "Host: evil.test:7071", "Local:AllowedHosts" },
        { "Host: localhost.evil.test", "Local:AllowedHosts" },
        { "Host: 127.0.0.1.evil.test", "Local:AllowedHosts" },
        { "Host: 10.0.0.1", "Local:AllowedHosts" },
        { "Host: 0.0.0.0", "Local:AllowedHosts" },
        { "Host: 2130706433", "Local:AllowedHosts" },
        { "Host: localhost\r\nOrigin: https://evil.test", "Local:AllowedHosts" },
        { "Host: localhost\r\nOrigin: http://localhost.evil.test", "Local:AllowedHosts" },
        { "Host: localhost\r\nOrigin: null", "Local:AllowedHosts" },
        { "Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil.test", "Local:AllowedHosts" },
        { "Host: localhost\r\nSec-Fetch-Site: cross-site", "another site" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Page_of_another_site_or_host_name_is_403_on_every_port_and_does_nothing(string headers, string advice)
    {
        foreach (var (port, target) in Targets())
        {
            var (status, body) = await SendAsync(port, "POST", target, headers + "\r\nContent-Type: text/plain", """{"id":"made"}""");
            Assert.Equal(403, status);
            Assert.Contains(advice, body, StringComparison.Ordinal);
            Assert.Equal(403, (await SendAsync(port, "OPTIONS", target, headers)).Status);
            Assert.Equal(403, (await SendAsync(port, "GET", "/", headers)).Status);
        }

        Assert.Empty(_host.Probe.Seen);
    }

    [Theory]
    [InlineData("Host: localhost")]
    [InlineData("Host: LOCALHOST:1")]
    [InlineData("Host: 127.0.0.1")]
    [InlineData("Host: [::1]:7071")]
    [InlineData("Host: pipeline.test:80")]
    [InlineData("Host: 192.168.7.7")]
    [InlineData("Host: tunnel.test:8443")]
    [InlineData("Host: localhost\r\nOrigin: http://localhost:3000\r\nSec-Fetch-Site: same-site")]
    [InlineData("Host: localhost\r\nOrigin: http://[::1]:3000")]
    [InlineData("Host: localhost\r\nOrigin: https://pipeline.test")]
    [InlineData("Host: localhost\r\nSec-Fetch-Site: none")]
    [InlineData("Host: localhost\r\nWebHook-Request-Origin: eventgrid.azure.net")]
    public async Task Programs_and_pages_of_this_machine_are_served_on_every_port(string headers)
    {
        foreach (var (port, target) in Targets())
            Assert.NotEqual(403, (await SendAsync(port, "GET", target, headers)).Status);
        Assert.Equal(200, (await SendAsync(Functions, "GET", "/", headers)).Status);
    }

    [Theory]
    [InlineData("/api/../admin/host/status")]
    [InlineData("/api/HttpDefaults/%2e%2e/%2E%2E/admin/host/status")]
    [InlineData("/api/.%2e/admin/servicebus")]
    [InlineData("/./admin/servicebus")]
    [InlineData("/api/HttpDefaults/..")]
    [InlineData("/api/x/..%2F..%2Fadmin%2Fservicebus")]
    [InlineData("/api/x/%252e%252e")]
    [InlineData("/api/x/..%5C..")]
    [InlineData("http://localhost/api/%2e%2e/admin/host/status")]
    [InlineData("/subscriptions/%2e%2e")]
    [InlineData("/dbs/%2e")]
    public async Task Dot_segments_are_400_on_every_port_before_anything_sees_them(string target)
    {
        foreach (var port in new[] { Functions, _cosmos, _eventGrid })
        {
            foreach (var method in new[] { "GET", "DELETE" })
                Assert.Equal(400, (await SendAsync(port, method, target, "Host: localhost")).Status);
        }
    }

    [Fact]
    public async Task Admin_route_that_fails_is_500_with_an_id_that_the_log_has_and_nothing_else()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "HttpDefaults");
        platform.Broker.Dispose();
        using var response = await host.Http.GetAsync("/admin/servicebus/messages?entity=plain");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        var body = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("BrokerException", body, StringComparison.Ordinal);
        var id = body[(body.IndexOf("error id ", StringComparison.Ordinal) + "error id ".Length)..].Split('.')[0];
        Assert.Contains(host.Log.Lines, line => line.Contains($"(error {id})", StringComparison.Ordinal) && line.Contains("BrokerException", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://pipeline.test")]
    [InlineData("pipeline.test:7071")]
    [InlineData("*")]
    [InlineData("::1")]
    [InlineData("a b")]
    public void Allowed_host_that_is_no_host_ends_the_start(string hosts)
    {
        var error = Assert.Throws<StartupException>(() => TestHost.Build(null, "HttpDefaults", settings: ["--Local:AllowedHosts", hosts]));
        Assert.Contains(LocalSettings.AllowedHostsName, error.Message, StringComparison.Ordinal);
    }

    private int Functions => _host.App.Address.Port;

    private (int Port, string Target)[] Targets() =>
    [
        (Functions, "/api/HttpDefaults"), (Functions, "/admin/host/status"), (Functions, "/admin/servicebus"), (Functions, "/nothing"),
        (_cosmos, "/dbs"), (_eventGrid, "/api/events"), (_eventGrid, "/subscriptions/made"),
    ];

    private static async Task<(int Status, string Body)> SendAsync(int port, string method, string target, string headers, string body = "")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = client.GetStream();
        var request = string.Create(CultureInfo.InvariantCulture, $"{method} {target} HTTP/1.1\r\n{headers}\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = (await reader.ReadToEndAsync()).Split("\r\n\r\n", 2);
        return (int.Parse(answer[0].AsSpan(9, 3), CultureInfo.InvariantCulture), answer[1]);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
