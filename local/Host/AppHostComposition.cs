using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Worker;

namespace Pipeline.Local.Hosting;

/// <summary>Puts together the host of an app that runs in a process of its own: platform, HTTP server, worker, triggers.</summary>
internal static class AppHostComposition
{
    private const string TopologyName = "topology.json";
    private const string SettingsName = "local.settings.json";
    private const string SampleSettingsName = "local.settings.sample.json";
    private const string CosmosName = "Cosmos";
    private const string EventGridName = "EventGrid:topicEndpoint";

    /// <exception cref="StartupException">A setting is wrong, or a file is missing.</exception>
    public static IHost Build(AppFolder app, string[] args, Action<ILoggingBuilder>? logging = null)
    {
        var web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            EnvironmentName = Environment.GetEnvironmentVariable("AZURE_FUNCTIONS_ENVIRONMENT") ?? Environments.Development,
        });
        Settings.AddSources(web.Configuration, args, app.FileNamed(SettingsName) ?? app.FileNamed(SampleSettingsName));
        HostComposition.AddLogging(web);
        web.Logging.AddFilter("Yarp", LogLevel.Warning);
        web.Logging.AddFilter("Grpc", LogLevel.Warning);
        var ports = new ReservedPorts();
        try
        {
            return Build(web, app, ports, logging);
        }
        catch
        {
            ports.Dispose();
            throw;
        }
    }

    private static FunctionsHost Build(WebApplicationBuilder web, AppFolder app, ReservedPorts ports, Action<ILoggingBuilder>? logging)
    {
        var configuration = web.Configuration;
        var settings = SettingsOf(configuration, app, ports);
        var hostJson = HostJson.Read(settings.HostJson, configuration);
        LeadToPorts(configuration, settings);
        PlatformOpening.CheckConnections(configuration, settings);

        web.Logging.AddConfiguration(hostJson.Logging);
        logging?.Invoke(web.Logging);
        AddServices(web.Services, app, ports, hostJson);
        HostComposition.AddHost(web.Services, null, settings, hostJson, new MiddlewareList([]), new FunctionList([]));
        HostComposition.AddServer<ReservedPorts>(web, settings, static (taken, endpoint) => taken.SocketFor(endpoint));
        var host = web.Build();
        HostComposition.LogUnknownNames(host, hostJson);
        LoopbackGuard.Use(host, settings);
        HostComposition.MapPlatform(host, settings);
        MapFunctions(host, settings);
        return new FunctionsHost(host, settings, saysReady: true);
    }

    private static void AddServices(IServiceCollection services, AppFolder app, ReservedPorts ports, HostJson hostJson)
    {
        // By a factory, so that they are disposed of with the host.
        services.AddSingleton(_ => ports);
        services.AddSingleton(app);
        services.AddSingleton(hostJson);
        services.AddRouting();
        services.AddHttpForwarder();
        services.AddSingleton<HttpForwarding>();
        services.AddSingleton<WorkerFactory>(provider =>
        {
            var configuration = provider.GetRequiredService<IConfiguration>();
            return server => new ChildWorker(app, server, () => AppEnvironment.Of(configuration), provider.GetRequiredService<ILoggerFactory>());
        });
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

    private static LocalSettings SettingsOf(ConfigurationManager configuration, AppFolder app, ReservedPorts ports)
    {
        var settings = LocalSettings.Read(configuration);
        var http = ports.Reserve(settings.HttpPort, LocalSettings.HttpPortName);
        LoopbackPort.SetHostName(configuration, http);
        return settings with
        {
            HttpPort = http,
            CosmosPort = ports.Reserve(settings.CosmosPort, LocalSettings.CosmosPortName),
            EventGridPort = ports.Reserve(settings.EventGridPort, LocalSettings.EventGridPortName),
            HostJson = configuration[LocalSettings.HostJsonName] is null ? app.FileNamed(HostJson.FileName) ?? Path.Combine(app.Output, HostJson.FileName) : settings.HostJson,
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
    /// The app is in another process, so the connections that it finds in its settings have to lead to where the services listen.
    /// Those to other machines stay as they are, and are refused next.
    /// </summary>
    private static void LeadToPorts(ConfigurationManager configuration, LocalSettings settings)
    {
        if (configuration[CosmosName] is { } cosmos)
            configuration[CosmosName] = string.Join(';', cosmos.Split(';').Select(part => WithPort(part, "AccountEndpoint=", settings.CosmosPort)));
        if (configuration[EventGridName] is { } topic)
            configuration[EventGridName] = WithPort(topic, "", settings.EventGridPort);
    }

    private static string WithPort(string text, string prefix, int port) =>
        text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        && Uri.TryCreate(text[prefix.Length..], UriKind.Absolute, out var address)
        && address is { IsLoopback: true, Scheme: "http" }
            ? prefix + new UriBuilder(address) { Port = port }.Uri.AbsoluteUri
            : text;
}
