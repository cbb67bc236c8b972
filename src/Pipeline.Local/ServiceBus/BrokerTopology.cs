using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Local.ServiceBus;

/// <summary>The entities of a namespace: the "serviceBus" part of topology.json.</summary>
/// <remarks>
/// Anything that the file says and the broker does not know (partitions, say, or a misspelt name) is
/// refused when it is read. A broker that overlooks a setting is one that behaves differently in Azure.
/// </remarks>
internal sealed record BrokerTopology
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new TopologyFile.IsoDuration() },
    };

    /// <summary>How long a message or session stays locked. Up to 5 minutes; default 1 minute.</summary>
    public TimeSpan LockDuration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Failed deliveries after which a message is dead-lettered, 1 to 2,000. Default 10.</summary>
    public int MaxDeliveryCount { get; init; } = 10;

    /// <summary>How long message ids are remembered, 20 s to 7 days; <see langword="null"/> (default): no duplicate detection.</summary>
    public TimeSpan? DuplicateDetectionWindow { get; init; }

    /// <summary>The topics.</summary>
    public IReadOnlyList<TopicDefinition> Topics { get; init; } = [];

    /// <summary>The queues.</summary>
    public IReadOnlyList<QueueDefinition> Queues { get; init; } = [];

    /// <summary>Reads the "serviceBus" part of topology.json.</summary>
    /// <exception cref="InvalidDataException">The file is no such topology, or asks for what the broker does not offer.</exception>
    public static BrokerTopology Read(string topologyJsonPath)
    {
        try
        {
            var topology = TopologyFile.Read<BrokerTopology>(topologyJsonPath, "serviceBus", Json)
                ?? throw new InvalidDataException("There is no property 'serviceBus'.");
            topology.Check();
            return topology;
        }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            throw new InvalidDataException(
                $"{topologyJsonPath}: the embedded Service Bus broker cannot offer this. {error.Message}", error);
        }
    }

    /// <summary>Checks names, limits, rules and forwarding.</summary>
    /// <exception cref="InvalidDataException">Something is out of its range, used twice, or cannot be.</exception>
    public void Check()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        CheckLimits("serviceBus", LockDuration, MaxDeliveryCount, DuplicateDetectionWindow, null);
        foreach (var queue in Queues)
        {
            CheckName(queue.Name, names);
            Check(queue.Name, queue, queue.DuplicateDetectionWindow);
        }

        foreach (var topic in Topics)
        {
            CheckName(topic.Name, names);
            CheckLimits(topic.Name, LockDuration, MaxDeliveryCount, topic.DuplicateDetectionWindow, topic.DefaultMessageTimeToLive);
            var subscriptions = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var subscription in topic.Subscriptions)
            {
                CheckName(subscription.Name, subscriptions);
                Check($"{topic.Name}/{subscription.Name}", subscription, null);
                subscription.CheckRules(topic.Name);
            }
        }

        Forwarding.Check(this);
    }

    private void Check(string name, ReceivableDefinition definition, TimeSpan? window) => CheckLimits(
        name,
        definition.LockDuration ?? LockDuration,
        definition.MaxDeliveryCount ?? MaxDeliveryCount,
        window,
        definition.DefaultMessageTimeToLive);

    private static void CheckName(string name, HashSet<string> taken)
    {
        if (name.Length is 0 or > 50 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new InvalidDataException($"'{name}' is no name: 1 to 50 letters, digits, '-', '_' or '.'.");
        if (!char.IsAsciiLetterOrDigit(name[0]) || !char.IsAsciiLetterOrDigit(name[^1]))
            throw new InvalidDataException($"'{name}' is no name: it begins and ends with a letter or digit, as in Azure.");
        if (!taken.Add(name))
            throw new InvalidDataException($"The name '{name}' is used twice.");
    }

    private static void CheckLimits(string name, TimeSpan lockDuration, int maxDeliveryCount, TimeSpan? window, TimeSpan? timeToLive)
    {
        if (timeToLive <= TimeSpan.Zero)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"'{name}': defaultMessageTimeToLive {timeToLive} is not above 0. Leave it out for no limit."));
        if (lockDuration <= TimeSpan.Zero || lockDuration > TimeSpan.FromMinutes(5))
            throw new InvalidDataException($"'{name}': lockDuration {lockDuration} is not above 0 and at most 5 minutes.");
        if (maxDeliveryCount is < 1 or > 2000)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"'{name}': maxDeliveryCount {maxDeliveryCount} is not between 1 and 2000."));
        if (window is { Ticks: not 0 } span && (span < TimeSpan.FromSeconds(20) || span > TimeSpan.FromDays(7)))
            throw new InvalidDataException($"'{name}': duplicateDetectionWindow {span} is neither 0 (none) nor between 20 seconds and 7 days.");
    }
}
