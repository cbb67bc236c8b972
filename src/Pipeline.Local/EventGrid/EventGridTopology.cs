using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Local.EventGrid;

/// <summary>The event subscriptions that every environment has: the "eventGrid" part of topology.json.</summary>
/// <remarks>What the file says and the topic does not know is refused when it is read.</remarks>
internal sealed record EventGridTopology
{
    /// <summary>How topology.json and the management API write subscriptions.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new TopologyFile.IsoDuration() },
    };

    /// <summary>Blob container of the dead letters, 3 to 63 lower-case letters, digits and hyphens.</summary>
    public string DeadLetterContainer { get; init; } = "deadletters";

    public IReadOnlyList<TopologySubscription> Subscriptions { get; init; } = [];

    /// <summary>Reads the part; a file without it has no subscriptions.</summary>
    /// <exception cref="InvalidDataException">It is no such topology, or asks for what the topic does not offer.</exception>
    public static EventGridTopology Read(string topologyJsonPath)
    {
        try
        {
            var topology = TopologyFile.Read<EventGridTopology>(topologyJsonPath, "eventGrid", Json) ?? new EventGridTopology();
            topology.Check();
            return topology;
        }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            throw new InvalidDataException(
                $"{topologyJsonPath}: the embedded Event Grid topic cannot offer this. {error.Message}", error);
        }
    }

    private void Check()
    {
        if (DeadLetterContainer.Length is < 3 or > 63 || !DeadLetterContainer.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            throw new InvalidDataException($"deadLetterContainer '{DeadLetterContainer}': 3 to 63 lower-case letters, digits and hyphens.");
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var subscription in Subscriptions)
        {
            SubscriptionRules.CheckName(subscription.Name);
            if (!names.Add(subscription.Name))
                throw new InvalidDataException($"The name '{subscription.Name}' is used twice.");
            if (string.IsNullOrEmpty(subscription.Function) == string.IsNullOrEmpty(subscription.EndpointSetting))
                throw new InvalidDataException($"'{subscription.Name}': either 'function' or 'endpointSetting' says where its events go.");
            SubscriptionRules.Check(subscription.Name, subscription);
        }
    }
}
