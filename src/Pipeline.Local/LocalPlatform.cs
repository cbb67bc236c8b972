using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Cosmos;
using Pipeline.Local.EventGrid;
using Pipeline.Local.ServiceBus;
using Pipeline.Local.Storage;
using Pipeline.Local.Testing;
using Pipeline.Local.Hosting;

namespace Pipeline.Local;

/// <summary>
/// The Azure services that a pipeline needs, embedded in this process: a Cosmos DB account, a Service Bus namespace and an
/// Event Grid topic, with everything in them that topology.json lists; and blob storage, which runs beside it once it is
/// needed. Hosts attached to one platform share it, as instances of one app
/// share an account and a namespace.
/// </summary>
public sealed class LocalPlatform : IAsyncDisposable
{
    private const int LockHeldOnLinux = 11; // EWOULDBLOCK
    private const int LockHeldOnMac = 35; // EWOULDBLOCK
    private const int SharingViolationOnWindows = unchecked((int)0x80070020);

    private static int _opened;

    private readonly FileStream? _lock;
    private readonly Lazy<HostKeys> _keys;
    private readonly bool _ownsBlobs;
    private readonly Lazy<ServiceBusEndpoint> _serviceBus;
    private readonly ConcurrentStack<string> _freeHostNames = [];
    private int _hosts;

    private LocalPlatform(
        LocalPlatformOptions options,
        FileStream? directoryLock,
        string name,
        CosmosEndpoint cosmos,
        Broker broker,
        EventGridTopic eventGrid,
        BlobService blobs,
        TimerMonitor timers)
    {
        Blobs = blobs;
        BlobWriter = new BlobWriter(blobs);
        _ownsBlobs = options.Blobs is null;
        TimeProvider = options.TimeProvider;
        Activity = options.Activity;
        _lock = directoryLock;
        Cosmos = cosmos;
        Broker = broker;
        EventGrid = eventGrid;
        CosmosAuthority = options.CosmosAuthority ?? name;
        EventGridAuthority = options.EventGridAuthority ?? $"eventgrid.{name}";
        Timers = timers;
        _serviceBus = new Lazy<ServiceBusEndpoint>(() => ServiceBusEndpoint.Open(
            broker, options.ServiceBusPort, new LoopbackGuard(options.AllowedHosts, ownName: null), options.LoggerFactory.CreateLogger<ServiceBusEndpoint>()));
        _keys = new Lazy<HostKeys>(() => HostKeys.Open(options.DataDirectory));
        EventGrid.DeadLetterSink = WriteDeadLetterAsync;
    }

    /// <summary>Connection string of the Cosmos DB account.</summary>
    public string CosmosConnectionString => $"AccountEndpoint=http://{CosmosAuthority}/;AccountKey={RequestSignature.EmulatorKey}";

    /// <summary>Connection string of the Service Bus namespace, for the official clients. It begins to listen when this is first asked for.</summary>
    public string ServiceBusConnectionString => ServiceBus.ConnectionString;

    /// <summary>Connection string of the blob storage. Only requests of attached hosts know its address.</summary>
    public string BlobsConnectionString => Blobs.Connection.Text;

    /// <summary>Where events are published to the Event Grid topic.</summary>
    public Uri EventGridEndpoint => new($"http://{EventGridAuthority}{TopicEndpoint.EventsPath}");

    /// <summary>A key for the Event Grid topic. It takes any.</summary>
    public string EventGridKey { get; } = "local";

    /// <summary>The time that the services and the hosts attached to them go by.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>Told what hosts do; <see langword="null"/>: nobody watches.</summary>
    internal PlatformActivity? Activity { get; }

    /// <summary>The Cosmos DB account.</summary>
    internal CosmosEndpoint Cosmos { get; }

    /// <summary>The Service Bus namespace.</summary>
    internal Broker Broker { get; }

    /// <summary>Where other programs, and the clients of the app, reach the namespace. Begins to listen when it is first asked for.</summary>
    internal ServiceBusEndpoint ServiceBus => _serviceBus.Value;

    /// <summary>Messages and requests that have come to Service Bus and are not answered.</summary>
    internal int ServiceBusUnderWay => _serviceBus.IsValueCreated ? _serviceBus.Value.UnderWay : 0;

    /// <summary>The blob storage; not started before somebody needs it.</summary>
    internal BlobService Blobs { get; }

    /// <summary>Writes blobs for the embedded services.</summary>
    internal BlobWriter BlobWriter { get; }

    /// <summary>The Event Grid topic.</summary>
    internal EventGridTopic EventGrid { get; }

    /// <summary>When the timers of the apps attached last ran, and who runs them.</summary>
    internal TimerMonitor Timers { get; }

    /// <summary>Authority of the account's address.</summary>
    internal string CosmosAuthority { get; }

    /// <summary>The keys of the apps attached; made when first asked for.</summary>
    internal HostKeys Keys => _keys.Value;

    /// <summary>The key <c>eventgrid_extension</c>, which deliveries to functions carry as <c>?code=</c>.</summary>
    internal string SystemKey => Keys.EventGrid;

    /// <summary>Authority of the topic's address.</summary>
    internal string EventGridAuthority { get; }

    /// <summary>Opens a platform with what it held when it was last closed or killed.</summary>
    /// <exception cref="StartupException">The data directory is in use, the topology is wrong, or stored data is damaged.</exception>
    public static LocalPlatform Open(LocalPlatformOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!File.Exists(options.TopologyPath))
            throw new StartupException($"{options.TopologyPath} does not exist: link topology.json into the app's output.");
        var name = NameOf(options.DataDirectory);
        var directoryLock = Lock(options.DataDirectory);
        CosmosEndpoint? cosmos = null;
        Broker? broker = null;
        try
        {
            var log = options.LoggerFactory.CreateLogger<LocalPlatform>();
            cosmos = CosmosTopology.Read(options.TopologyPath).Open(options.DataDirectory, options.TimeProvider, log, options.CosmosPartitions, options.CosmosKey);
            if (options.CosmosFaults is { } faults)
                cosmos.OnRequest = CosmosFaults.Parse(faults, new Random(Seed(options.Random)), options.TimeProvider).OnRequestAsync;
            broker = Broker.Open(
                BrokerTopology.Read(options.TopologyPath),
                options.DataDirectory,
                options.TimeProvider,
                log);
            if (options.ServiceBusFaults is { } busFaults)
                broker.Faults = ServiceBusFaults.Parse(busFaults, new Random(Seed(options.Random)), options.TimeProvider);
            var eventGrid = EventGridTopic.Open(EventGridTopology.Read(options.TopologyPath), new EventGridTopicOptions
            {
                Directory = options.DataDirectory,
                Clock = options.TimeProvider,
                Log = log,
                Random = options.Random,
                TimeScale = options.EventGridTimeScale,
                Settings = options.Settings,
            });
            return new LocalPlatform(options, directoryLock, name, cosmos, broker, eventGrid, options.Blobs ?? BlobsOf(options, name, log), new TimerMonitor(options.DataDirectory, log));
        }
        catch (Exception error)
        {
            broker?.Dispose();
            cosmos?.Dispose();
            directoryLock?.Dispose();
            if (error is IOException or InvalidDataException or InvalidOperationException or FormatException or CosmosFailure)
                throw new StartupException(error.Message, error);
            throw;
        }
    }

    /// <summary>A handler that sends requests to the account without a network. Disposing of it does nothing else.</summary>
    public HttpMessageHandler CreateCosmosHandler() => Cosmos.CreateHandler();

    /// <summary>A handler that sends requests to the Event Grid topic without a network. Disposing of it does nothing else.</summary>
    public HttpMessageHandler CreateEventGridHandler() => EventGrid.CreateHandler();

    /// <summary>Closes the services: data is on disk, what is out for delivery goes back without counting as failed.</summary>
    public async ValueTask DisposeAsync()
    {
        await EventGrid.DisposeAsync();
        if (_serviceBus.IsValueCreated)
            await _serviceBus.Value.DisposeAsync();
        Broker.Dispose();
        Cosmos.Dispose();
        BlobWriter.Dispose();
        if (_ownsBlobs)
            await Blobs.DisposeAsync();
        if (_lock is not null)
            await _lock.DisposeAsync();
    }

    /// <summary>The dead letters of Event Grid; the first part of a name is the container.</summary>
    private Task WriteDeadLetterAsync(string name, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        var parts = name.Split('/', 2);
        return BlobWriter.PutAsync(parts[0], parts[1], json, cancellationToken);
    }

    /// <summary>Ends as by <c>kill -9</c>: messages out for delivery count as failed when the data is opened again.</summary>
    internal void Kill()
    {
        EventGrid.Kill();
        Broker.Kill();
        if (_serviceBus.IsValueCreated)
            _ = _serviceBus.Value.DisposeAsync().AsTask();
        Cosmos.Dispose();
        BlobWriter.Dispose();
        if (_ownsBlobs)
            Blobs.Release();
        _lock?.Dispose();
    }

    /// <summary>
    /// A name that no other host attached to this platform has. The first host of a later run gets the first name
    /// again, and with it the change feed leases of a run that was killed, without waiting for them to expire: nobody
    /// else can be using them, because the data directory is ours.
    /// </summary>
    internal string NextHostName() => _freeHostNames.TryPop(out var free) ? free : string.Create(CultureInfo.InvariantCulture, $"host-{Interlocked.Increment(ref _hosts)}");

    /// <summary>Gives the next host the name of one that has ended, and with it its leases.</summary>
    internal void ReuseHostName(string name) => _freeHostNames.Push(name);

    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "Which requests fail is no secret.")]
    private static int Seed(Random random) => random.Next();

    private static BlobService BlobsOf(LocalPlatformOptions options, string name, ILogger log) => new(
        options.BlobConnection ?? BlobConnection.Of("blobs." + name),
        options.Azurite,
        options.BlobPort,
        options.DataDirectory is null ? null : Path.Combine(options.DataDirectory, "blobs"),
        AzuriteInstallation.OfApp(log),
        options.TimeProvider,
        log);

    // The change feed's lease ids hold the account's host name, so the same data must always get the same name.
    private static string NameOf(string? dataDirectory)
    {
        // The name is all that a client of the app's own shows that goes to the network instead.
        if (dataDirectory is null)
            return string.Create(CultureInfo.InvariantCulture, $"memory{Interlocked.Increment(ref _opened)}.use-ihttpclientfactory.local");
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(dataDirectory)));
        return $"data{Convert.ToHexStringLower(hash.AsSpan(0, 6))}.local";
    }

    private static FileStream? Lock(string? dataDirectory)
    {
        if (dataDirectory is null)
            return null;
        try
        {
            PrivateFiles.CreateDirectory(dataDirectory);
            return PrivateFiles.Open(Path.Combine(dataDirectory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error.HResult is LockHeldOnLinux or LockHeldOnMac or SharingViolationOnWindows)
        {
            throw new StartupException(
                $"The data directory {dataDirectory} is in use by another process. Stop that process, or set Local:DataDirectory " +
                "to another directory, or to 'memory' to keep nothing.",
                error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The data directory {dataDirectory} cannot be used: {error.Message} Set Local:DataDirectory to another directory, " +
                "or to 'memory' to keep nothing.",
                error);
        }
    }
}
