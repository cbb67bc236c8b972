using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Azure.Core.Pipeline;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local;
using Pipeline.Local.Hosting;
using Pipeline.Local.Storage;
using Pipeline.Payloads;

namespace Pipeline.Tests;

/// <summary>Azurite beside the app: installed once, started when it is needed, and what is said when it cannot be.</summary>
public sealed class AzuriteTests : IClassFixture<AzuriteFixture>, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("pipeline-azurite-");

    private static string Sources => Path.Combine(AppContext.BaseDirectory, "azurite");

    private static string SearchPath => Environment.GetEnvironmentVariable("PATH")!;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Without_node_the_message_says_what_to_install()
    {
        await using var service = Service(Installation(searchPath: _directory.FullName));
        var error = await Assert.ThrowsAsync<BlobsUnavailableException>(() => service.EnsureStartedAsync(default));
        Assert.Contains("node was not found", error.Message, StringComparison.Ordinal);
        Assert.Contains("https://nodejs.org", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_installation_that_fails_says_why_and_is_never_taken_for_a_whole_one()
    {
        if (OperatingSystem.IsWindows())
            return;
        var bin = FakeCommands("mkdir -p node_modules/azurite/dist/src/blob; touch node_modules/azurite/dist/src/blob/main.js; echo no such registry >&2; exit 7");
        var installation = Installation(searchPath: bin + Path.PathSeparator + SearchPath);
        var error = await Assert.ThrowsAsync<BlobsUnavailableException>(() => installation.GetAsync(default));
        Assert.Contains("code 7", error.Message, StringComparison.Ordinal);
        Assert.Contains("no such registry", error.Message, StringComparison.Ordinal);
        Assert.False(installation.IsInstalled);

        FakeCommands("mkdir -p node_modules/azurite/dist/src/blob; touch node_modules/azurite/dist/src/blob/main.js");
        var (_, main) = await installation.GetAsync(default);
        Assert.True(installation.IsInstalled);
        Assert.True(File.Exists(main));
    }

    [Fact]
    public async Task Two_that_install_at_once_install_once()
    {
        if (OperatingSystem.IsWindows())
            return;
        var count = Path.Combine(_directory.FullName, "count");
        var bin = FakeCommands($"echo x >> {count}; sleep 1; mkdir -p node_modules/azurite/dist/src/blob; touch node_modules/azurite/dist/src/blob/main.js");
        var installations = Enumerable.Range(0, 3).Select(_ => Installation(searchPath: bin + Path.PathSeparator + SearchPath)).ToList();
        await Task.WhenAll(installations.Select(i => i.GetAsync(default)));
        Assert.Single(File.ReadAllLines(count));
    }

    [Fact]
    public async Task Something_else_on_the_port_is_told_by_name()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var answering = AnswerAsync(listener);
        await using var service = Service(Installation(), port: port);
        var error = await Assert.ThrowsAsync<BlobsUnavailableException>(() => service.EnsureStartedAsync(default));
        Assert.Contains(Invariant($"Port {port} is in use"), error.Message, StringComparison.Ordinal);
        Assert.Contains("Local:BlobPort", error.Message, StringComparison.Ordinal);
        listener.Stop();
        await answering;
    }

    [Fact]
    public async Task Looking_for_what_to_collect_starts_nothing_as_long_as_nothing_was_stored()
    {
        await using var service = Service(Installation(searchPath: _directory.FullName));
        Assert.Empty((await StoreOn(service).ListAsync(null, null, default)).Items);
        await Assert.ThrowsAsync<Storage.StoreUnavailableException>(() => StoreOn(service).PutAsync("a", "1"u8.ToArray(), null, default));
    }

    [Fact]
    public async Task A_blob_service_of_others_on_the_port_is_left_alone_and_told()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var answering = AnswerAsync(listener, "x-ms-request-id: 1\r\n");

        // A node that says what Azurite says, with the port that it was given.
        var bin = FakeCommands("exit 1");
        var node = Path.Combine(bin, "node");
        await File.WriteAllTextAsync(node, "#!/bin/sh\necho \"Azurite Blob service successfully listens on http://127.0.0.1:$7\"\nread _\n");
        var log = new ListLogger();
        var installation = Installed(bin);
        await using (var service = Service(installation, port: port, log: log))
            Assert.Equal(new Uri("http://127.0.0.1:0"), await service.EnsureStartedAsync(default));
        Assert.Contains(log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains(Invariant($"port {port}"), StringComparison.Ordinal) && line.Contains("Local:Azurite", StringComparison.Ordinal));

        // Nobody there: the port of the settings.
        listener.Stop();
        await answering;
        var quiet = new ListLogger();
        await using (var service = Service(installation, port: port, log: quiet))
            Assert.Equal(port, (await service.EnsureStartedAsync(default)).Port);
        Assert.DoesNotContain(quiet.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [AzuriteFact]
    public async Task Two_data_directories_never_share_an_Azurite()
    {
        var port = (await SharedAzurite.Service.EnsureStartedAsync(default)).Port;
        await using var service = Service(AzuriteInstallation.OfApp(NullLogger.Instance), Path.Combine(_directory.FullName, "blobs"), port);
        Assert.NotEqual(port, (await service.EnsureStartedAsync(default)).Port);
        await StoreOn(service, "of-this-clone").PutAsync("a", "1"u8.ToArray(), null, default);
        var elsewhere = await Assert.ThrowsAsync<Storage.StoreUnavailableException>(() => StoreOn(SharedAzurite.Service, "of-this-clone").GetAsync("a", default));
        Assert.Contains("ContainerNotFound", elsewhere.Message, StringComparison.Ordinal);
    }

    [AzuriteFact]
    public async Task What_was_stored_is_there_after_Azurite_was_killed_and_after_a_restart()
    {
        var location = Path.Combine(_directory.FullName, "blobs");
        var content = Encoding.UTF8.GetBytes("kept");
        await using (var service = Service(AzuriteInstallation.OfApp(NullLogger.Instance), location))
        {
            await StoreOn(service).PutAsync("a", content, null, default);
        }

        await using var next = Service(AzuriteInstallation.OfApp(NullLogger.Instance), location);
        Assert.Equal(content, (await StoreOn(next).GetAsync("a", default))!.Value.ToArray());

        // Nobody asked it to: it is started again by the next request.
        using (var azurite = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(Path.Combine(location, "azurite.pid")), CultureInfo.InvariantCulture)))
        {
            azurite.Kill();
            await azurite.WaitForExitAsync();
        }

        Assert.Equal(content, (await StoreOn(next).GetAsync("a", default))!.Value.ToArray());
    }

    [AzuriteFact]
    public async Task The_writer_of_the_embedded_services_makes_its_container()
    {
        var container = SharedAzurite.NewContainer();
        await using var platform = LocalPlatform.Open(new LocalPlatformOptions { Blobs = SharedAzurite.Service });
        await platform.BlobWriter.PutAsync(container, "SUBSCRIPTION/2026/1/2/3/one.json", "[]"u8.ToArray(), default);
        await platform.BlobWriter.PutAsync(container, "SUBSCRIPTION/2026/1/2/3/two+ .json", "[1]"u8.ToArray(), default);
        await platform.BlobWriter.PutAsync(container, "SUBSCRIPTION/2026/1/2/3/one.json", "[2]"u8.ToArray(), default);
        var store = StoreOn(SharedAzurite.Service, container);
        Assert.Equal(
            ["SUBSCRIPTION/2026/1/2/3/one.json", "SUBSCRIPTION/2026/1/2/3/two+ .json"],
            (await store.ListAsync(null, null, default)).Items.Select(p => p.Name));
        Assert.Equal("[2]"u8.ToArray(), (await store.GetAsync("SUBSCRIPTION/2026/1/2/3/one.json", default))!.Value.ToArray());
    }

    /// <summary>An npm that does something else, in a folder of its own.</summary>
    private string FakeCommands(string npm)
    {
        var bin = Directory.CreateDirectory(Path.Combine(_directory.FullName, "bin")).FullName;
        foreach (var (name, script) in new[] { ("npm", npm), ("node", "exit 0") })
        {
            var path = Path.Combine(bin, name);
            File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return bin;
    }

    private AzuriteInstallation Installation(string? searchPath = null) =>
        new(Sources, Path.Combine(_directory.FullName, "cache"), searchPath ?? SearchPath, NullLogger.Instance);

    /// <summary>An installation that is there already, whatever node does with it.</summary>
    private AzuriteInstallation Installed(string bin)
    {
        var installation = Installation(searchPath: bin);
        var folder = "azurite-" + Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Sources, "package-lock.json"))).AsSpan(0, 6));
        var main = Path.Combine(_directory.FullName, "cache", folder, "node_modules", "azurite", "dist", "src", "blob", "main.js");
        Directory.CreateDirectory(Path.GetDirectoryName(main)!);
        File.WriteAllText(main, "");
        return installation;
    }

    private static BlobService Service(AzuriteInstallation installation, string? location = null, int port = 0, ILogger? log = null) => new(
        BlobConnection.Of("blobs.azurite.local"), AzuriteStart.OnDemand, port, location, installation, TimeProvider.System, log ?? NullLogger.Instance);

    private static BlobPayloadStore StoreOn(BlobService service, string container = "payloads")
    {
        var platform = LocalPlatform.Open(new LocalPlatformOptions { Blobs = service });
        return new BlobPayloadStore(
            () => BlobAccount.Of(platform.BlobsConnectionString),
            new PayloadOptions { Container = container },
            new HttpClientTransport(new InProcessHttp(platform).CreateHandler()));
    }

    private static async Task AnswerAsync(TcpListener listener, string header = "")
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{header}\r\nhi"));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private sealed class ListLogger : ILogger
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
    }
}
