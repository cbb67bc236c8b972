using System.Reflection;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Testing;

/// <summary>What an app in this process is made of.</summary>
internal sealed record InProcessAppOptions
{
    /// <summary>The app's assembly: that for which the worker's SDK has generated the list of functions.</summary>
    public required Assembly Assembly { get; init; }

    /// <summary>Adds settings to those of the environment. They go to host and app.</summary>
    public required Action<ConfigurationManager> Settings { get; init; }

    /// <summary>Sets up logging of host and app.</summary>
    public required Action<ILoggingBuilder> Logging { get; init; }

    /// <summary>What the app does with its builder. Default: nothing.</summary>
    public Action<FunctionsApplicationBuilder>? Configure { get; init; }

    /// <summary>The platform to run on. Default: one of its own.</summary>
    public LocalPlatform? Platform { get; init; }
}
