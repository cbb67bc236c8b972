using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.Storage;
using Pipeline.Local.Testing;

namespace Pipeline.Local;

/// <summary>How to open a <see cref="LocalPlatform"/>.</summary>
public sealed class LocalPlatformOptions
{
    /// <summary>Where data is kept; created if missing. Default <see langword="null"/>: in memory, gone with the platform.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The list of containers, topics and queues. Default: <c>topology.json</c> beside the app.</summary>
    public string TopologyPath { get; init; } = Path.Combine(AppContext.BaseDirectory, "topology.json");

    /// <summary>Time for locks, schedules, expiry and timers. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the services log. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>
    /// How many physical partitions, 1 to 50, the containers get that are made from now on: so many change feed ranges, and
    /// instances that can share them. Default 1.
    /// </summary>
    public int CosmosPartitions { get; init; } = 1;

    /// <summary>
    /// Faults of Cosmos DB that happen to a fraction of all requests for items, <c>429=0.05:250,503=0.01,lost=0.01</c> say. Kinds:
    /// <c>429</c> (with milliseconds until a retry), <c>449</c>, <c>408</c>, <c>503</c>, <c>lost</c> (written, but the reply does
    /// not arrive), <c>latency</c> (with milliseconds). Default <see langword="null"/>: none. Another text makes opening fail.
    /// </summary>
    public string? CosmosFaults { get; init; }

    /// <summary>
    /// Faults of Service Bus that happen to a fraction of all calls of its clients, <c>drop=0.02,lost=0.01</c> say. Kinds:
    /// <c>busy</c> (throttled; the client then waits 10 s of real time), <c>drop</c> (nothing done), <c>lost</c>
    /// (done, but the reply says otherwise), <c>lock</c> (lost before a settlement or renewal), <c>redeliver</c> (lock lost right
    /// after delivery), <c>latency</c> (with milliseconds). Default <see langword="null"/>: none. Another text makes opening fail.
    /// </summary>
    public string? ServiceBusFaults { get; init; }

    /// <summary>Divides every wait of Event Grid (retries, time to live, dead-lettering), to see days pass in seconds. Default 1.</summary>
    public double EventGridTimeScale { get; init; } = 1;

    /// <summary>
    /// Looks up the settings that topology.json names, such as a webhook's address; <see langword="null"/> or empty: not
    /// set. Default: none is set.
    /// </summary>
    public Func<string, string?> Settings { get; init; } = _ => null;

    /// <summary>Told what hosts do; <see langword="null"/>: nobody watches.</summary>
    internal PlatformActivity? Activity { get; init; }

    /// <summary>Spreads Event Grid's waits.</summary>
    internal Random Random { get; init; } = new();

    /// <summary>Authority of the Event Grid topic, <c>localhost:8083</c> say. Default: one that no other platform in this process has.</summary>
    internal string? EventGridAuthority { get; init; }

    /// <summary>Authority of the Cosmos DB account, <c>localhost:8081</c> say. Default: one that no other platform in this process has.</summary>
    internal string? CosmosAuthority { get; init; }

    /// <summary>A key that requests to Cosmos DB may be signed with, besides that of the emulators.</summary>
    internal string? CosmosKey { get; init; }

    /// <summary>Port of Service Bus on 127.0.0.1. Default 0: a free one.</summary>
    internal int ServiceBusPort { get; init; }

    /// <summary>Further host names under which its ports may be asked over HTTP.</summary>
    internal IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>When to start the blob storage. Default: when it is needed.</summary>
    internal AzuriteStart Azurite { get; init; } = AzuriteStart.OnDemand;

    /// <summary>Port of the blob storage on 127.0.0.1. Default 0: a free one.</summary>
    internal int BlobPort { get; init; }

    /// <summary>How the app addresses the blob storage. Default: by an authority that no other platform in this process has.</summary>
    internal BlobConnection? BlobConnection { get; init; }

    /// <summary>A blob storage to share, which the platform does not end. Default: one of its own, to which the settings above apply.</summary>
    internal BlobService? Blobs { get; init; }
}
