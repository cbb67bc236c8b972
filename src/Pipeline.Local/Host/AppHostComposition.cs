using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Storage;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Hosting;

/// <summary>Puts together the host of an app, in whichever process that is: platform, HTTP server, worker, triggers.</summary>
internal static class AppHostComposition
{
    private const string TopologyName = "topology.json";

    /// <param name="app">The app.</param>
    /// <param name="configure">Adds the sources of settings, each over the one before.</param>
    /// <param name="worker">Makes the app's worker.</param>
    /// <param name="logging">Sets up logging besides the console. Default: nothing.</param>
    /// <param name="platform">The platform to run on. Default: one of its own.</param>
    /// <param name="endsBySignals">Whether it listens to the signals that end a process. Default: somebody else does.</param>
    /// <exception cref="StartupException">A setting is wrong, or a file is missing.</exception>
    public static FunctionsHost Build(
        AppFolder app, Action<ConfigurationManager> configure, Func<IServiceProvider, WorkerFactory> worker, Action<ILoggingBuilder>? logging = null, LocalPlatform? platform = null, bool endsBySignals = false)
    {
        var web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            EnvironmentName = Environment.GetEnvironmentVariable("AZURE_FUNCTIONS_ENVIRONMENT") ?? Environments.Development,
        });
        configure(web.Configuration);
        HostComposition.AddLogging(web);
        web.Logging.AddFilter("Yarp", LogLevel.Error);
        web.Logging.AddFilter("Grpc", LogLevel.Warning);

        // The worker's web server has a key ring that nothing uses, and warns of where it is kept.
        web.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        var ports = new ReservedPorts();
        try
        {
            var settings = SettingsOf(web.Configuration, app, ports, platform);
            web.Services.AddSingleton(app);
            web.Services.AddSingleton(worker);
            if (!endsBySignals)
                web.Services.AddSingleton<IHostLifetime, NoLifetime>();
            return Build(web, settings, ports, logging, platform);
        }
        catch
        {
            ports.Dispose();
            throw;
        }
    }

    private static FunctionsHost Build(
        WebApplicationBuilder web, LocalSettings settings, ReservedPorts ports, Action<ILoggingBuilder>? logging, LocalPlatform? platform)
    {
        var configuration = web.Configuration;
        var hostJson = HostJson.Read(settings.HostJson, configuration);
        if (platform is null)
        {
            LeadToPorts(configuration, settings);
            settings = LeadToBlobs(configuration, settings, ports);
            PlatformOpening.CheckConnections(configuration, settings);
        }

        web.Logging.AddConfiguration(hostJson.Logging);
        logging?.Invoke(web.Logging);
        AddServices(web.Services, ports);
        HostComposition.AddHost(web.Services, platform, settings, hostJson);
        HostComposition.AddServer(web, settings);
        var host = web.Build();
        HostComposition.LogUnknownNames(host, hostJson);
        LoopbackGuard.Use(host, settings);
        if (platform is null)
            HostComposition.MapPlatform(host, settings);
        else if (platform.Activity is not null)
            WatchedRun.Use(host, host.Services.GetRequiredService<HostWatch>());
        MapFunctions(host, settings);
        return new FunctionsHost(host, settings, saysReady: platform?.Activity is null);
    }

    private static void AddServices(IServiceCollection services, ReservedPorts ports)
    {
        // By a factory, so that they are disposed of with the host.
        services.AddSingleton(_ => ports);
        services.AddRouting();
        services.AddHttpForwarder();
        services.AddSingleton<HttpForwarding>();
        services.AddSingleton<BlobFront>();
        services.AddSingleton<LateEndpoints>();
        services.AddSingleton(provider => new Settlements(provider.GetRequiredService<ListenerServices>().Sessions));

        // Before the triggers: they start when the app has said which functions it has, and end before it does.
        services.AddHostedService<PlatformOpening>();
        services.AddHostedService<WorkerStart>();
    }

    private static void MapFunctions(WebApplication host, LocalSettings settings)
    {
        var endpoints = host.Services.GetRequiredService<LateEndpoints>();
        host.Use((HttpContext context, RequestDelegate next) =>
        {
            if (endpoints.AreKnown)
                return next(context);
            context.Response.Headers.RetryAfter = "1";
            return LocalProblem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Starting", "The app is being started.");
        });
        ((IEndpointRouteBuilder)host).DataSources.Add(endpoints);
        host.UseRouting();
        HttpGate.Use(host, settings);
    }

    private static LocalSettings SettingsOf(ConfigurationManager configuration, AppFolder app, ReservedPorts ports, LocalPlatform? platform)
    {
        var settings = LocalSettings.Read(configuration);
        var http = ports.Reserve(settings.HttpPort, LocalSettings.HttpPortName);
        LoopbackPort.SetHostName(configuration, http);
        settings = settings with
        {
            HttpPort = http,
            HostJson = configuration[LocalSettings.HostJsonName] is null ? app.FileNamed(HostJson.FileName) ?? Path.Combine(app.Output, HostJson.FileName) : settings.HostJson,
        };
        return platform is not null ? settings with { CosmosPort = 0, EventGridPort = 0 } : settings with
        {
            CosmosPort = ports.Reserve(settings.CosmosPort, LocalSettings.CosmosPortName),
            EventGridPort = ports.Reserve(settings.EventGridPort, LocalSettings.EventGridPortName),
            TopologyPath = app.FileNamed(TopologyName) ?? Generated(app, configuration),
        };
    }

    private static string Generated(AppFolder app, ConfigurationManager configuration)
    {
        var path = DerivedTopology.Write(app, configuration);
        HostConsole.WriteLine($"The app has no {TopologyName}: what its triggers name is created, as in {path}. Save that as {TopologyName} to change it.");
        return path;
    }

    /// <summary>
    /// The app is apart from the host, so the connections that it finds in its settings have to lead to where the services listen.
    /// Those to other machines stay as they are, and are refused next.
    /// </summary>
    private static void LeadToPorts(ConfigurationManager configuration, LocalSettings settings)
    {
        if (configuration[PlatformOpening.CosmosName] is { } cosmos)
            configuration[PlatformOpening.CosmosName] = string.Join(';', cosmos.Split(';').Select(part => WithPort(part, "AccountEndpoint=", settings.CosmosPort)));
        if (configuration[PlatformOpening.EventGridName] is { } topic)
            configuration[PlatformOpening.EventGridName] = WithPort(topic, "", settings.EventGridPort);
    }

    /// <summary>Blobs are found on a port of ours, from where Azurite is started when it is needed. Those of another place are left alone.</summary>
    private static LocalSettings LeadToBlobs(ConfigurationManager configuration, LocalSettings settings, ReservedPorts ports)
    {
        const string Name = PlatformOpening.BlobsName;
        if (settings.Azurite == AzuriteStart.Off || configuration[Name + ":serviceUri"] is not null)
            return settings;
        if (BlobConnection.Parse(configuration[Name] ?? BlobConnection.DevelopmentStorage) is not { } connection)
            return settings; // Which is refused next.
        if (connection.Endpoint is not { IsLoopback: true, Scheme: "http" })
            return settings with { Azurite = AzuriteStart.Off };
        settings = settings with { BlobFrontPort = ports.Reserve(0, LocalSettings.BlobPortName) };
        configuration[Name] = connection.At(settings.BlobFrontPort).Text;
        return settings;
    }

    private static string WithPort(string text, string prefix, int port) =>
        text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        && Uri.TryCreate(text[prefix.Length..], UriKind.Absolute, out var address)
        && address is { IsLoopback: true, Scheme: "http" }
            ? prefix + new UriBuilder(address) { Port = port }.Uri.AbsoluteUri
            : text;
}
