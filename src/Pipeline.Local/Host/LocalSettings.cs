using System.Reflection;
using Microsoft.Extensions.Configuration;
using Pipeline.Local.Cosmos;
using Pipeline.Local.Storage;

namespace Pipeline.Local.Hosting;

/// <summary>The settings under <c>Local:</c>, checked.</summary>
internal sealed record LocalSettings
{
    public const string HttpPortName = "Local:HttpPort";
    public const string CosmosPortName = "Local:CosmosPort";
    public const string ServiceBusPortName = "Local:ServiceBusPort";
    public const string EventGridPortName = "Local:EventGridPort";
    public const string CosmosPartitionsName = "Local:CosmosPartitions";
    public const string CosmosFaultsName = "Local:CosmosFaults";
    public const string ServiceBusFaultsName = "Local:ServiceBusFaults";
    public const string EventGridTimeScaleName = "Local:EventGridTimeScale";
    public const string DataDirectoryName = "Local:DataDirectory";
    public const string FunctionsName = "Local:Functions";
    public const string AzuriteName = "Local:Azurite";
    public const string BlobPortName = "Local:BlobPort";
    public const string WorkerName = "Local:Worker";

    public const string HostJsonName = "Local:HostJson";
    public const string KeysName = "Local:Keys";
    public const string HostKeyName = "Local:HostKey";
    public const string DuplicateDeliveriesName = "Local:DuplicateDeliveries";

    public const string AllowedHostsName = "Local:AllowedHosts";

    private const string Memory = "memory";

    /// <summary>The constants above.</summary>
    private static readonly HashSet<string> _names = new(
        typeof(LocalSettings).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral)
            .Select(f => (string)f.GetRawConstantValue()!).Where(name => name.StartsWith("Local:", StringComparison.Ordinal)),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Where functions and their routes are served; 0 = a free port.</summary>
    public required int HttpPort { get; init; }

    /// <summary>Where other programs reach Cosmos DB; 0 = nowhere.</summary>
    public required int CosmosPort { get; init; }

    /// <summary>Where Service Bus is reached, by the app as well; 0 = a free port.</summary>
    public required int ServiceBusPort { get; init; }

    /// <summary>When Azurite is started.</summary>
    public required AzuriteStart Azurite { get; init; }

    /// <summary>Where Azurite listens; 0 = a free port.</summary>
    public required int BlobPort { get; init; }

    /// <summary>Where other programs reach the Event Grid topic; 0 = nowhere.</summary>
    public required int EventGridPort { get; init; }

    /// <summary>Divides every wait of Event Grid.</summary>
    public required double EventGridTimeScale { get; init; }

    /// <summary>How many physical partitions a new Cosmos DB container gets.</summary>
    public required int CosmosPartitions { get; init; }

    /// <summary>Faults of Cosmos DB to make happen; null for none.</summary>
    public required string? CosmosFaults { get; init; }

    /// <summary>Faults of Service Bus to make happen; null for none.</summary>
    public required string? ServiceBusFaults { get; init; }

    /// <summary>Where apps with clients of their own find blobs; 0 = where their setting says. Chosen by the host.</summary>
    public int BlobFrontPort { get; init; }

    /// <summary>Where the embedded services keep their data; <see langword="null"/> = in memory.</summary>
    public required string? DataDirectory { get; init; }

    /// <summary>Path of host.json.</summary>
    public required string HostJson { get; init; }

    /// <summary>Path of topology.json.</summary>
    public string TopologyPath { get; init; } = Path.Combine(AppContext.BaseDirectory, "topology.json");

    /// <summary>The functions to run; empty = all.</summary>
    public required IReadOnlyList<string> Functions { get; init; }

    /// <summary>Whether callers must show the keys that <c>AuthorizationLevel</c> asks for.</summary>
    public required bool EnforceKeys { get; init; }

    /// <summary>The host key, instead of the one in the data directory; <see langword="null"/> = that one.</summary>
    public required string? HostKey { get; init; }

    /// <summary>Fraction of messages that the broker delivers twice, from 0 to 1: what Azure may do at any time, made to happen.</summary>
    public required double DuplicateDeliveries { get; init; }

    /// <summary>Hosts under whose name the ports may be reached, besides those of the loopback address.</summary>
    public required IReadOnlyList<string> AllowedHosts { get; init; }

    public static LocalSettings Read(IConfiguration configuration)
    {
        CheckNames(configuration);
        var directory = configuration[DataDirectoryName] ?? ".pipeline";
        if (string.IsNullOrWhiteSpace(directory))
            throw new StartupException($"{DataDirectoryName} is empty: give a directory, or '{Memory}' to keep nothing.");
        return new LocalSettings
        {
            HttpPort = Port(configuration, HttpPortName, 7071),
            CosmosPort = Port(configuration, CosmosPortName, 8081),
            ServiceBusPort = Port(configuration, ServiceBusPortName, 5672),
            Azurite = AzuriteOf(configuration),
            BlobPort = Port(configuration, BlobPortName, 10000),
            EventGridPort = Port(configuration, EventGridPortName, 8083),
            CosmosPartitions = Partitions(configuration),
            CosmosFaults = Faults(configuration, CosmosFaultsName, text => Cosmos.CosmosFaults.Parse(text, new Random(0), TimeProvider.System)),
            ServiceBusFaults = Faults(
                configuration, ServiceBusFaultsName, text => Pipeline.Local.ServiceBus.ServiceBusFaults.Parse(text, new Random(0), TimeProvider.System)),
            EventGridTimeScale = TimeScale(configuration),
            DataDirectory = directory.Equals(Memory, StringComparison.OrdinalIgnoreCase) ? null : Path.GetFullPath(directory),
            HostJson = Path.GetFullPath(configuration[HostJsonName] ?? Path.Combine(AppContext.BaseDirectory, Hosting.HostJson.FileName)),
            Functions = (configuration[FunctionsName] ?? "")
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            AllowedHosts = Hosts(configuration, AllowedHostsName),
            EnforceKeys = Switch(configuration, KeysName),
            HostKey = Key(configuration, HostKeyName),
            DuplicateDeliveries = Fraction(configuration, DuplicateDeliveriesName),
        };
    }

    /// <summary>A misspelt setting would leave its default in force without a word.</summary>
    private static void CheckNames(IConfiguration configuration)
    {
        foreach (var setting in configuration.GetSection("Local").GetChildren())
        {
            if (!_names.Contains(setting.Path))
                throw new StartupException($"There is no setting {setting.Path}. Did you mean {Nearest.To(setting.Path, _names)}?");
        }
    }

    /// <summary>Whether a test may set it for a host whose platform and ports are not its own.</summary>
    public static bool MayBeSetOfTestHost(string name) =>
        name.Equals(HostKeyName, StringComparison.OrdinalIgnoreCase) || name.Equals(AllowedHostsName, StringComparison.OrdinalIgnoreCase);

    private static double TimeScale(IConfiguration configuration)
    {
        if (configuration[EventGridTimeScaleName] is not { } text)
            return 1;
        return double.TryParse(text, CultureInfo.InvariantCulture, out var scale) && scale is >= 1 and <= 1_000_000
            ? scale
            : throw new StartupException($"{EventGridTimeScaleName} is '{text}': a number from 1 (real time) to 1000000 is expected.");
    }

    private static int Partitions(IConfiguration configuration)
    {
        if (configuration[CosmosPartitionsName] is not { } text)
            return 1;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= PartitionRanges.Max
            ? count
            : throw new StartupException($"{CosmosPartitionsName} is '{text}': a number of physical partitions from 1 to {PartitionRanges.Max} is expected.");
    }

    private static string? Faults(IConfiguration configuration, string name, Func<string, object> parse)
    {
        if (configuration[name] is not { Length: > 0 } text)
            return null;
        try
        {
            _ = parse(text);
            return text;
        }
        catch (FormatException error)
        {
            throw new StartupException($"{name}: {error.Message}", error);
        }
    }

    private static int Port(IConfiguration configuration, string name, int standard)
    {
        if (configuration[name] is not { } text)
            return standard;
        return int.TryParse(text, CultureInfo.InvariantCulture, out var port) && port is >= 0 and <= 65535
            ? port
            : throw new StartupException($"{name} is '{text}': a port from 0 to 65535 is expected.");
    }

    private static string[] Hosts(IConfiguration configuration, string name)
    {
        var hosts = (configuration[name] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return Array.Find(hosts, host => !LoopbackGuard.IsHost(host)) is { } wrong
            ? throw new StartupException($"{name} has '{wrong}': names or addresses without scheme and port are expected, separated by commas, such as 'pipeline.test, 192.168.1.5'.")
            : hosts;
    }

    private static bool Switch(IConfiguration configuration, string name) => configuration[name]?.ToLowerInvariant() switch
    {
        null or "off" => false,
        "on" => true,
        var text => throw new StartupException($"{name} is '{text}': 'on' or 'off' is expected."),
    };

    /// <summary>The message does not repeat what was given: it may be a key with a slip in it.</summary>
    private static string? Key(IConfiguration configuration, string name) =>
        configuration[name] is not { } key || (key.Length > 0 && key.All(c => c is > ' ' and <= '~'))
            ? configuration[name]
            : throw new StartupException($"{name} cannot be sent in a header: use printable ASCII characters without spaces, at least one.");

    private static double Fraction(IConfiguration configuration, string name)
    {
        if (configuration[name] is not { } text)
            return 0;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var fraction) && fraction is >= 0 and <= 1
            ? fraction
            : throw new StartupException($"{name} is '{text}': a fraction from 0 (none) to 1 (all), such as 0.1, is expected.");
    }

    private static AzuriteStart AzuriteOf(IConfiguration configuration) => configuration[AzuriteName]?.ToLowerInvariant() switch
    {
        null or "auto" => AzuriteStart.Auto,
        "on" => AzuriteStart.On,
        "off" => AzuriteStart.Off,
        _ => throw new StartupException(
            $"{AzuriteName} is '{configuration[AzuriteName]}': 'auto' (Azurite starts when it is needed), 'on' (with the host) or 'off' (never) is expected."),
    };
}
