using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Local;
using Pipeline.Local.Worker;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Sets up an app and the host that runs its functions.</summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    private readonly WebApplicationBuilder _web;
    private readonly List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> _middleware = [];
    private bool _built;

    internal FunctionsApplicationBuilder(string[] args)
    {
        StartupException.PrintInsteadOfCrashing();
        _web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            EnvironmentName = System.Environment.GetEnvironmentVariable("AZURE_FUNCTIONS_ENVIRONMENT") ?? Environments.Development,
        });
        Settings.AddSources(_web.Configuration, args);
        HostComposition.AddDefaults(_web);
    }

    /// <summary>The configuration: settings file, environment variables, command line.</summary>
    public ConfigurationManager Configuration => _web.Configuration;

    /// <summary>The environment: <c>AZURE_FUNCTIONS_ENVIRONMENT</c>, by default Development.</summary>
    public IHostEnvironment Environment => _web.Environment;

    /// <summary>The logging set-up.</summary>
    public ILoggingBuilder Logging => _web.Logging;

    /// <summary>The metrics set-up.</summary>
    public IMetricsBuilder Metrics => _web.Metrics;

    /// <summary>The app's services.</summary>
    public IServiceCollection Services => _web.Services;

    /// <summary>For extensions to share things during set-up.</summary>
    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_web).Properties;

    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    /// <summary>The platform to attach to; <see langword="null"/>: the host opens its own.</summary>
    internal LocalPlatform? Platform { get; set; }

    /// <summary>Whether HTTP functions may use ASP.NET Core's types.</summary>
    internal bool UsesAspNetCore { get; set; }

    /// <summary>The host, not yet started.</summary>
    /// <exception cref="StartupException">A setting or a function is wrong; the message names every problem found.</exception>
    public IHost Build()
    {
        if (_built)
            throw new InvalidOperationException("The host has been built already.");
        _built = true;
        return HostComposition.Build(_web, Platform, UsesAspNetCore, _middleware);
    }

    /// <summary>Replaces the service container.</summary>
    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = default)
        where TContainerBuilder : notnull =>
        ((IHostApplicationBuilder)_web).ConfigureContainer(factory, configure);

    /// <summary>Adds a step to the pipeline of every invocation; the first one added is the outermost.</summary>
    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        _middleware.Add(middleware);
        return this;
    }
}

/// <summary>HTTP functions with ASP.NET Core's types.</summary>
public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    /// <summary>Lets HTTP functions use <c>HttpRequest</c>, <c>IResult</c> and <c>IActionResult</c>.</summary>
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.UsesAspNetCore = true;
        return builder;
    }
}
