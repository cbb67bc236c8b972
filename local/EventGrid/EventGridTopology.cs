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

/// <summary>What a subscription takes, and how long it tries. Everything that is not set takes every event.</summary>
internal abstract record SubscriptionSettings
{
    /// <summary>Event types, exactly; <see langword="null"/>: all.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    public string? SubjectBeginsWith { get; init; }

    public string? SubjectEndsWith { get; init; }

    /// <summary>All of them have to match.</summary>
    public IReadOnlyList<AdvancedFilterDefinition> AdvancedFilters { get; init; } = [];

    /// <summary>Attempts after which an event is dead-lettered, 1 to 30.</summary>
    public int MaxDeliveryAttempts { get; init; } = 30;

    /// <summary>Time after publishing at which an event is dead-lettered, 1 minute to 1 day.</summary>
    public TimeSpan EventTimeToLive { get; init; } = TimeSpan.FromDays(1);
}

/// <summary>A subscription of topology.json.</summary>
internal sealed record TopologySubscription : SubscriptionSettings
{
    public required string Name { get; init; }

    /// <summary>The function that gets the events.</summary>
    public string? Function { get; init; }

    /// <summary>The setting that holds the webhook's URL; while it is empty there is no subscription.</summary>
    public string? EndpointSetting { get; init; }
}

/// <summary>A subscription made at run time.</summary>
internal sealed record WebhookSubscription : SubscriptionSettings
{
    /// <summary>URL of the webhook.</summary>
    public required string Endpoint { get; init; }
}

/// <summary>One advanced filter, as Azure Resource Manager writes it.</summary>
internal sealed record AdvancedFilterDefinition
{
    /// <summary>An attribute's name, or <c>data.NAME</c> for a top-level property of the data.</summary>
    public required string Key { get; init; }

    public required string OperatorType { get; init; }

    /// <summary>For operators with several values, of which one has to match.</summary>
    public JsonElement? Values { get; init; }

    /// <summary>For operators with one value.</summary>
    public JsonElement? Value { get; init; }
}

/// <summary>What Azure refuses when an event subscription is created.</summary>
internal static class SubscriptionRules
{
    public const int MaxDeliveryAttempts = 30;

    /// <exception cref="InvalidDataException">The name is no name of an event subscription.</exception>
    public static void CheckName(string name)
    {
        if (name.Length is < 3 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            throw new InvalidDataException($"'{name}' is no name of an event subscription: 3 to 64 letters, digits and hyphens.");
    }

    /// <exception cref="InvalidDataException">A value is out of its range.</exception>
    public static void Check(string name, SubscriptionSettings settings)
    {
        if (settings.Types is { Count: 0 })
            throw new InvalidDataException($"'{name}': 'types' is empty, so that no event would match. Leave it out to take all.");
        if (settings.MaxDeliveryAttempts is < 1 or > MaxDeliveryAttempts)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"'{name}': maxDeliveryAttempts {settings.MaxDeliveryAttempts} is not between 1 and {MaxDeliveryAttempts}."));
        if (settings.EventTimeToLive < TimeSpan.FromMinutes(1) || settings.EventTimeToLive > TimeSpan.FromDays(1))
            throw new InvalidDataException($"'{name}': eventTimeToLive {settings.EventTimeToLive} is not between 1 minute and 1 day.");
        _ = EventFilter.Create(name, settings);
    }

    /// <exception cref="InvalidDataException">It is no address that events can be posted to.</exception>
    public static Uri CheckEndpoint(string name, string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.UserInfo.Length == 0
            ? uri
            : throw new InvalidDataException($"'{name}': the endpoint '{endpoint}' is no http:// or https:// address without user information.");
}
