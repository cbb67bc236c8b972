using System.Reflection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Pipeline.Local.Hosting;

namespace Pipeline.Local.Testing;

/// <summary>Builds an app in this process, as its <c>Program.cs</c> would, with its ways out leading to the platform.</summary>
internal static class AppBuilding
{
    // The worker finds the app by what is one for the whole process: the entry assembly, while it is built, and an environment variable,
    // which it reads later too. Apps that run side by side so have to lie in one folder, as those that a test project references do.
    private static readonly SemaphoreSlim _one = new(1);

    public static async Task<IHost> BuildAsync(
        InProcessAppOptions options, IServiceProvider host, Uri address, string workerId, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        var entry = Assembly.GetEntryAssembly();
        try
        {
            Assembly.SetEntryAssembly(options.Assembly);
            Environment.SetEnvironmentVariable(AppEnvironment.FolderName, Path.GetDirectoryName(options.Assembly.Location));
            return Build(options, host, address, workerId);
        }
        finally
        {
            Assembly.SetEntryAssembly(entry);
            _one.Release();
        }
    }

    private static IHost Build(InProcessAppOptions options, IServiceProvider host, Uri address, string workerId)
    {
        var builder = FunctionsApplication.CreateBuilder(
        [
            .. AppEnvironment.OfWorker(address, workerId).Select(setting => $"--{setting.Key}={setting.Value}"), "--hostBuilder:reloadConfigOnChange=false",
        ]);
        builder.ConfigureFunctionsWebApplication();
        builder.Configuration.AddInMemoryCollection(
            AppEnvironment.SettingsOf(host.GetRequiredService<IConfiguration>()).Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)));
        options.Logging(builder.Logging);
        var http = host.GetRequiredService<InProcessHttp>();
        builder.Services.ConfigureHttpClientDefaults(client => client
            .ConfigurePrimaryHttpMessageHandler(http.CreateHandler)
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers());
        var watch = host.GetRequiredService<HostWatch>();
        if (watch.Activity is not null)
            builder.Use(next => context => RunWatchedAsync(watch, context, next));
        options.Configure?.Invoke(builder);
        Replace(builder.Services, options.Platform);
        return builder.Build();
    }

    private static void Replace(IServiceCollection services, LocalPlatform? platform)
    {
        // Over the app's own, which is the system's. An app without one has none elsewhere either: that is not to be green here.
        if (platform is not null && services.Any(service => service.ServiceType == typeof(TimeProvider)))
            services.Replace(ServiceDescriptor.Singleton(platform.TimeProvider));
        services.AddSingleton<IHostLifetime, NoLifetime>();
        services.PostConfigure<KeyManagementOptions>(keys => keys.XmlRepository = new MemoryKeys());

        // In memory: the worker has one address of its own server for the whole process.
        services.AddSingleton<IServer, TestServer>();
        services.AddSingleton<IStartupFilter, LikeKestrel>();
        services.PostConfigure<WorkerOptions>(worker => worker.Capabilities["HttpUri"] = "http://localhost/");
    }

    /// <summary>Runs a function as a part of what the host watches.</summary>
    private static async Task RunWatchedAsync(HostWatch watch, FunctionContext context, FunctionExecutionDelegate next)
    {
        var invocation = watch.Find(context.InvocationId);
        Work.Current = invocation?.Work;
        try
        {
            if (watch.Activity!.OnInvoking is { } hook)
                await hook(context);
            var running = next(context);
            invocation?.Work?.Started();
            await running;
        }
        catch (Exception error) when (invocation is not null)
        {
            invocation.Thrown = error;
            throw;
        }
    }
}
