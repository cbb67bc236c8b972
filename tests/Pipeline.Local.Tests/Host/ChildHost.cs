using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Local;
using Pipeline.Local.Hosting;
using Pipeline.Local.Testing;
using Pipeline.TestFunctions;

namespace Pipeline.Tests.Hosting;

/// <summary>
/// The embedded host with the app of <c>tests/apps/probe</c> in a process of its own. Its functions tell what they see, and do
/// what they are answered.
/// </summary>
public sealed class ChildHost : IAsyncLifetime
{
    private readonly WebApplication _listener;
    private readonly string[] _settings;
    private IHost? _host;
    private bool _isStarted;

    /// <summary>With all functions, for a class of tests to share.</summary>
    public ChildHost()
        : this([])
    {
    }

    internal ChildHost(params string[] settings)
    {
        _settings = settings;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _listener = builder.Build();
        _listener.Run(ListenAsync);
    }

    /// <summary>What the app finds itself in.</summary>
    public static string Folder { get; } =
        Path.GetFullPath(typeof(ChildHost).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ProbeApp").Value!);

    /// <summary>Where the app is.</summary>
    internal string Place { get; init; } = Folder;

    /// <summary>What a function is answered for a line: <c>complete</c>, <c>fail</c>, … Default: complete.</summary>
    internal Func<string, string> Answer { get; set; } = _ => "complete";

    internal Probe Probe { get; } = new();

    internal HostLog Log { get; } = new(sink: null, LogLevel.Debug);

    internal LocalPlatform Platform => _host!.Services.GetRequiredService<LocalPlatform>();

    /// <summary>A setting as the app finds it.</summary>
    internal string? Setting(string name) => _host!.Services.GetRequiredService<IConfiguration>()[name];

    internal HttpClient Http => field ??= new HttpClient { BaseAddress = _host!.HttpAddress(), Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Where the app tells what its functions see.</summary>
    internal string ProbeAddress => _listener.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    internal static async Task<ChildHost> StartAsync(params string[] settings)
    {
        var host = new ChildHost(settings);
        try
        {
            await host.InitializeAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public async Task InitializeAsync()
    {
        await _listener.StartAsync();
        _host = AppHost.Build(
            AppFolder.Find(Place),
            [.. Settings, $"--PROBE_URL={ProbeAddress}", .. _settings],
            logging => logging.ClearProviders().AddProvider(Log));
        await _host.StartAsync();
        _isStarted = true;
    }

    /// <summary>Waits until a function has told this line, or lines that satisfy the condition.</summary>
    internal Task SeeAsync(string line) => SeeAsync(seen => seen.Contains(line));

    internal async Task SeeAsync(Func<IReadOnlyList<string>, bool> condition)
    {
        try
        {
            await Probe.WaitAsync(condition);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException(late.Message + "\nThe host's log ends with:\n" + string.Join('\n', Log.Lines.TakeLast(20)), late);
        }
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
        {
            if (_isStarted)
                await _host.StopAsync();
            _host.Dispose();
            _host = null;
        }

        await _listener.DisposeAsync();
    }

    /// <summary>Of every host in these tests: free ports, nothing kept.</summary>
    internal static IReadOnlyList<string> Settings { get; } =
    [
        "--Local:HttpPort=0", "--Local:CosmosPort=0", "--Local:ServiceBusPort=0", "--Local:EventGridPort=0", "--Local:DataDirectory=memory", "--Local:Azurite=off",
        "--Logging:LogLevel:Default=Debug",
    ];

    private async Task ListenAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var line = await reader.ReadToEndAsync();
        await Probe.SeeAsync(line);
        await context.Response.WriteAsync(Answer(line));
    }
}
