using System.Reflection;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Storage;

namespace Pipeline.Local.Testing;

/// <summary>What a <see cref="PipelineHost"/> runs, and on what.</summary>
public sealed class PipelineHostOptions
{
    /// <summary>The assembly that holds the functions: <c>typeof(MyFunctions).Assembly</c>.</summary>
    public required Assembly FunctionsAssembly { get; init; }

    /// <summary>The functions that the first host runs. Default: all of the assembly.</summary>
    public IReadOnlyCollection<string> Functions { get; init; } = [];

    /// <summary>
    /// What the app's Program.cs does with its builder before <c>Build()</c>: services, middleware. Called once for every host.
    /// <c>ConfigureFunctionsWebApplication</c> has been called.
    /// </summary>
    public Action<FunctionsApplicationBuilder>? Configure { get; init; }

    /// <summary>The list of containers, topics and queues. Default: <c>topology.json</c> beside the tests.</summary>
    public string TopologyPath { get; init; } = Path.Combine(AppContext.BaseDirectory, "topology.json");

    /// <summary>Path of host.json. Default: <c>host.json</c> beside the tests.</summary>
    public string HostJsonPath { get; init; } = Path.Combine(AppContext.BaseDirectory, "host.json");

    /// <summary>
    /// Settings of the app, by name as in <c>local.settings.json</c> (<c>A:B</c> or <c>A__B</c>). They go over those of the environment.
    /// Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Names of the settings that hold a connection string of Service Bus, as the triggers' <c>Connection</c> names them. Default: <c>ServiceBus</c>.</summary>
    public IReadOnlyCollection<string> ServiceBusConnections { get; init; } = ["ServiceBus"];

    /// <summary>Names of the settings that hold a connection string of Cosmos DB. Default: <c>Cosmos</c>.</summary>
    public IReadOnlyCollection<string> CosmosConnections { get; init; } = ["Cosmos"];

    /// <summary>Where data is kept, to start again from it. Default <see langword="null"/>: in memory.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>
    /// The time of everything: of the platform, the triggers and, where it registers one as a service, the app. A <see cref="ManualTimeProvider"/> stands still
    /// until <see cref="PipelineHost.AdvanceAsync"/>. It takes the place of the one that the app registers. Default: the system's time.
    /// </summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Called with every log line of app and host, from any thread: <c>output.WriteLine</c> of xunit, say. Default: nobody.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>The least level of what is logged. Default: <see cref="LogLevel.Information"/>.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Faults of Cosmos DB from the start, as in <see cref="LocalPlatformOptions.CosmosFaults"/>. Default: none.</summary>
    public string? CosmosFaults { get; init; }

    /// <summary>Faults of Service Bus from the start, as in <see cref="LocalPlatformOptions.ServiceBusFaults"/>. Default: none.</summary>
    public string? ServiceBusFaults { get; init; }

    /// <summary>Physical partitions of Cosmos DB containers, 1 to 50. Default 1.</summary>
    public int CosmosPartitions { get; init; } = 1;

    /// <summary>Whether HTTP functions ask for keys, as in Azure. <see cref="PipelineHost.Http"/> sends the host key. Default <see langword="false"/>.</summary>
    public bool EnforceKeys { get; init; }

    /// <summary>How long, in real time, <see cref="PipelineHost.WaitUntilQuietAsync"/> and <see cref="PipelineHost.AdvanceAsync"/> wait. Default 30 seconds.</summary>
    public TimeSpan QuietTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A blob storage to share. Default: one of its own, started when it is needed; dead letters of Event Grid then stay in memory.</summary>
    internal BlobService? Blobs { get; init; }
}
