using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Worker;

/// <summary>Puts the host together: platform, functions, triggers, HTTP server.</summary>
internal static class HostComposition
{
    /// <summary>What an app finds set up before it adds its own.</summary>
    public static void AddDefaults(WebApplicationBuilder web)
    {
        AddLogging(web);
        web.Services.AddRouting();
        web.Services.ConfigureHttpClientDefaults(client => client
            .ConfigurePrimaryHttpMessageHandler(services => services.GetRequiredService<InProcessHttp>().CreateHandler())
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers());

        // First of the hosted services, so that address and platform are there before any of the app's start, and end after them.
        web.Services.AddSingleton<HttpSocket>();
        web.Services.AddHostedService(services => services.GetRequiredService<HttpSocket>());
        web.Services.AddHostedService<PlatformOpening>();
    }

    /// <summary>What every host logs, and where.</summary>
    public static void AddLogging(WebApplicationBuilder web)
    {
        // The Cosmos DB SDK would ask the Azure instance metadata service where it runs, through our own handlers.
        Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");
        web.Logging.AddConfiguration(web.Configuration.GetSection("Logging"));
        HostConsole.AddTo(web.Logging);
    }

    public static IHost Build(
        WebApplicationBuilder web,
        LocalPlatform? platform,
        bool usesAspNetCore,
        IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware)
    {
        var configuration = web.Configuration;
        var settings = LocalSettings.Read(configuration);
        var hostJson = HostJson.Read(settings.HostJson, configuration);
        if (platform is null)
            PlatformOpening.CheckConnections(configuration, settings);
        var all = FunctionIndex.Scan(
            settings.FunctionsAssembly, settings.Functions, new TriggerKinds(configuration, hostJson, usesAspNetCore));
        var functions = all.Where(f => !DisabledFunctions.Contains(configuration, f.Name)).ToList();

        web.Logging.AddConfiguration(hostJson.Logging);
        AddHost(web.Services, platform, settings, hostJson, new MiddlewareList(middleware), new FunctionList(functions));
        AddServer<HttpSocket>(
            web, platform is null ? settings : settings with { CosmosPort = 0, EventGridPort = 0 }, static (http, endpoint) => http.SocketFor(endpoint));
        if (functions.Any(f => ReturnsActionResult(f)))
            web.Services.AddMvcCore();

        var app = web.Build();
        LogUnknownNames(app, hostJson);
        foreach (var function in all.Except(functions))
            app.Logger.LogWarning("{Function} is disabled by a setting: it is not run.", function.Name);
        LoopbackGuard.Use(app, settings);
        if (platform is null)
            MapPlatform(app, settings);
        Map(app, functions, settings, platform);
        return new FunctionsHost(app, settings, saysReady: platform?.Activity is null);
    }

    /// <summary>What triggers and runs functions, wherever these are.</summary>
    public static void AddHost(
        IServiceCollection services, LocalPlatform? platform, LocalSettings settings, HostJson hostJson, MiddlewareList middleware, FunctionList functions)
    {
        if (platform is null)
            services.AddSingleton(provider => LocalPlatform.Open(PlatformOpening.Options(provider, settings)));
        else
            services.AddSingleton(platform);
        services.AddSingleton(new OwnPlatform(platform is null));
        services.AddSingleton(settings);
        services.AddSingleton(middleware);
        services.AddSingleton(functions);
        services.AddSingleton<InProcessHttp>();
        var watch = new HostWatch(platform?.Activity);
        services.AddSingleton(watch);
        services.AddSingleton<Shutdown>();
        services.AddSingleton(provider =>
            new FunctionRunner(
                provider.GetRequiredService<IServiceScopeFactory>(),
                middleware,
                platform?.TimeProvider ?? TimeProvider.System,
                provider.GetRequiredService<Shutdown>(),
                provider.GetRequiredService<ILogger<FunctionRunner>>())
            {
                Watcher = watch,
                Timeout = hostJson.FunctionTimeout,
            });
        services.AddSingleton<ListenerServices>();
        services.AddHostedService<TriggerHost>();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = Shutdown.Patience);
    }

    /// <summary>The HTTP server, on sockets that a service of type <typeparamref name="T"/> may have taken before.</summary>
    public static void AddServer<T>(WebApplicationBuilder web, LocalSettings settings, Func<T, EndPoint, Socket> socketFor)
        where T : class
    {
        web.WebHost.UseKestrelCore();
        web.Services.AddOptions<SocketTransportOptions>()
            .Configure<T>((options, taken) => options.CreateBoundListenSocket = endpoint => socketFor(taken, endpoint));
        web.Services.Configure<KestrelServerOptions>(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = 100 * 1024 * 1024; // as Azure Functions
            options.Listen(IPAddress.Loopback, settings.HttpPort);
            if (settings.CosmosPort != 0)
                options.Listen(IPAddress.Loopback, settings.CosmosPort);
            if (settings.EventGridPort != 0)
                options.Listen(IPAddress.Loopback, settings.EventGridPort);
        });
    }

    /// <summary>Serves the platform's own endpoints, each on its port.</summary>
    public static void MapPlatform(WebApplication app, LocalSettings settings)
    {
        var platform = new Lazy<LocalPlatform>(app.Services.GetRequiredService<LocalPlatform>);
        Serve(settings.CosmosPort, context => platform.Value.Cosmos.HandleAsync(context));
        Serve(settings.EventGridPort, context => platform.Value.EventGrid.Endpoint.HandleAsync(context));

        void Serve(int port, RequestDelegate endpoint)
        {
            if (port != 0)
                app.Use((HttpContext context, RequestDelegate next) => context.Connection.LocalPort == port ? endpoint(context) : next(context));
        }
    }

    private static void Map(WebApplication app, IReadOnlyList<HostedFunction> functions, LocalSettings settings, LocalPlatform? platform)
    {
        if (platform?.Activity is not null)
            WatchedRun.Use(app, app.Services.GetRequiredService<HostWatch>());
        app.UseRouting();
        HttpGate.Use(app, settings);
        HttpEndpoints.Map(
            app, functions, app.Services.GetRequiredService<FunctionRunner>(), app.Services.GetRequiredService<Shutdown>());
    }

    private static bool ReturnsActionResult(HostedFunction function)
    {
        var type = function.Method!.ReturnType;
        if (type.IsGenericType)
            type = type.GetGenericArguments()[0];
        return type.IsAssignableTo(typeof(IActionResult));
    }

    public static void LogUnknownNames(WebApplication app, HostJson hostJson)
    {
        foreach (var warning in hostJson.Warnings)
            app.Logger.LogWarning("host.json: {Warning}", warning);
    }
}
