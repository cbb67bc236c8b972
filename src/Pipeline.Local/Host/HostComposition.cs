using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Hosting;

/// <summary>Puts the host together: platform, functions, triggers, HTTP server.</summary>
internal static class HostComposition
{
    /// <summary>What every host logs, and where.</summary>
    public static void AddLogging(WebApplicationBuilder web)
    {
        // The Cosmos DB SDK would ask the Azure instance metadata service where it runs, through our own handlers.
        Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");
        web.Logging.AddConfiguration(web.Configuration.GetSection("Logging"));
        HostConsole.AddTo(web.Logging);
    }

    /// <summary>What triggers and runs functions, wherever these are.</summary>
    /// <param name="services">Where it is added.</param>
    /// <param name="platform">The platform to run on; <see langword="null"/>: the host opens its own.</param>
    /// <param name="settings">Those of the host.</param>
    /// <param name="hostJson">Those of its triggers.</param>
    public static void AddHost(IServiceCollection services, LocalPlatform? platform, LocalSettings settings, HostJson hostJson)
    {
        if (platform is null)
            services.AddSingleton(provider => LocalPlatform.Open(PlatformOpening.Options(provider, settings)));
        else
            services.AddSingleton(platform);
        services.AddSingleton(new OwnPlatform(platform is null));
        services.AddSingleton(settings);
        services.AddSingleton(hostJson);
        services.AddSingleton<FunctionList>();
        services.AddSingleton<InProcessHttp>();
        var watch = new HostWatch(platform?.Activity);
        services.AddSingleton(watch);
        services.AddSingleton<Shutdown>();
        services.AddSingleton(provider =>
            new FunctionRunner(
                platform?.TimeProvider ?? TimeProvider.System,
                provider.GetRequiredService<Shutdown>(),
                watch,
                provider.GetRequiredService<ILogger<FunctionRunner>>())
            {
                Timeout = hostJson.FunctionTimeout,
            });
        services.AddSingleton<ListenerServices>();
        services.AddHostedService<TriggerHost>();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = Shutdown.Patience);
    }

    /// <summary>The HTTP server, on sockets that were taken before.</summary>
    public static void AddServer(WebApplicationBuilder web, LocalSettings settings)
    {
        web.WebHost.UseKestrelCore();
        web.Services.AddOptions<SocketTransportOptions>()
            .Configure<ReservedPorts>((options, ports) => options.CreateBoundListenSocket = ports.SocketFor);
        web.Services.Configure<KestrelServerOptions>(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = 100 * 1024 * 1024; // as Azure Functions
            options.Listen(IPAddress.Loopback, settings.HttpPort);
            foreach (var port in new[] { settings.CosmosPort, settings.EventGridPort, settings.BlobFrontPort }.Where(port => port != 0))
                options.Listen(IPAddress.Loopback, port);
        });
    }

    /// <summary>Serves the platform's own endpoints, each on its port.</summary>
    public static void MapPlatform(WebApplication app, LocalSettings settings)
    {
        var platform = new Lazy<LocalPlatform>(app.Services.GetRequiredService<LocalPlatform>);
        Serve(settings.CosmosPort, context => platform.Value.Cosmos.HandleAsync(context));
        Serve(settings.EventGridPort, context => platform.Value.EventGrid.Endpoint.HandleAsync(context));
        Serve(settings.BlobFrontPort, context => app.Services.GetRequiredService<BlobFront>().ServeAsync(context));

        void Serve(int port, RequestDelegate endpoint)
        {
            if (port != 0)
                app.Use((HttpContext context, RequestDelegate next) => context.Connection.LocalPort == port ? endpoint(context) : next(context));
        }
    }

    public static void LogUnknownNames(WebApplication app, HostJson hostJson)
    {
        foreach (var warning in hostJson.Warnings)
            app.Logger.LogWarning("host.json: {Warning}", warning);
    }
}
