using System.Text.Json;

namespace Pipeline.Local.ServiceBus;

/// <summary>A topic. What is not set comes from <see cref="BrokerTopology"/>.</summary>
internal sealed record TopicDefinition
{
    public required string Name { get; init; }
    public TimeSpan? DuplicateDetectionWindow { get; init; }

    /// <summary>Default and longest lifetime of its messages, above 0. Default: no limit.</summary>
    public TimeSpan? DefaultMessageTimeToLive { get; init; }

    public IReadOnlyList<SubscriptionDefinition> Subscriptions { get; init; } = [];
}

/// <summary>What queues and subscriptions have in common. What is not set comes from <see cref="BrokerTopology"/>.</summary>
internal abstract record ReceivableDefinition
{
    public required string Name { get; init; }
    public bool RequiresSession { get; init; } = true;
    public TimeSpan? LockDuration { get; init; }
    public int? MaxDeliveryCount { get; init; }

    /// <summary>Default and longest lifetime of its messages, above 0. Default: no limit.</summary>
    public TimeSpan? DefaultMessageTimeToLive { get; init; }

    /// <summary>Whether what expires is dead-lettered, else dropped. Default true, as the deployment sets it; Azure's own default is false.</summary>
    public bool DeadLetteringOnMessageExpiration { get; init; } = true;

    /// <summary>Queue or topic that gets everything that comes here. Not where sessions are required.</summary>
    public string? ForwardTo { get; init; }

    /// <summary>Queue or topic that gets the dead letters.</summary>
    public string? ForwardDeadLetteredMessagesTo { get; init; }
}

/// <summary>A queue.</summary>
internal sealed record QueueDefinition : ReceivableDefinition
{
    public TimeSpan? DuplicateDetectionWindow { get; init; }
}

/// <summary>A subscription. It has <see cref="Types"/>, <see cref="Rules"/> or both.</summary>
internal sealed record SubscriptionDefinition : ReceivableDefinition
{
    /// <summary>A correlation rule for each; one more takes the replays addressed to this subscription.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>Further rules.</summary>
    public IReadOnlyList<RuleDefinition>? Rules { get; init; }

    /// <summary>Whether a message on which a rule fails is dead-lettered, else not taken. Default true.</summary>
    public bool DeadLetteringOnFilterEvaluationExceptions { get; init; } = true;

    /// <summary>All rules, those by type written out.</summary>
    internal IReadOnlyList<RuleDefinition> AllRules(string name)
    {
        if (Types is null)
            return Rules ?? [];
        return
        [
            .. Types.Distinct(StringComparer.Ordinal).Select(type => Matching(
                type, (BrokerTopic.TypeProperty, type), (BrokerTopic.ReplayForProperty, BrokerTopic.ReplayForAll))),
            Matching("$Default", (BrokerTopic.ReplayForProperty, name)),
            .. Rules ?? [],
        ];

        static RuleDefinition Matching(string name, params (string Name, string Value)[] properties) => new()
        {
            Name = name,
            CorrelationFilter = new CorrelationDefinition
            {
                Properties = properties.ToDictionary(p => p.Name, p => JsonSerializer.SerializeToElement(p.Value), StringComparer.Ordinal),
            },
        };
    }

    /// <exception cref="InvalidDataException">A rule cannot be.</exception>
    internal void CheckRules(string topic)
    {
        var name = $"{topic}/{Name}";
        if (Types is null && Rules is not { Count: > 0 })
            throw new InvalidDataException($"'{name}' has neither 'types' nor 'rules': it would get nothing.");
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var rule in Rules ?? [])
        {
            if (rule.Name.Length is 0 or > 50)
                throw new InvalidDataException($"'{name}': '{rule.Name}' is no name of a rule: 1 to 50 characters.");
            if (!names.Add(rule.Name))
                throw new InvalidDataException($"'{name}': the rule name '{rule.Name}' is used twice.");
            try
            {
                _ = SubscriptionRule.Of(rule);
            }
            catch (FormatException error)
            {
                throw new InvalidDataException($"'{name}', rule '{rule.Name}': {error.Message}", error);
            }
        }
    }
}

/// <summary>A rule: one filter, and what it does to the message that it selects.</summary>
internal sealed record RuleDefinition
{
    /// <summary>1 to 50 characters.</summary>
    public required string Name { get; init; }

    /// <summary>A SQL filter, up to 1,024 characters; <c>1=1</c> takes everything and <c>1=0</c> nothing.</summary>
    public string? SqlFilter { get; init; }

    /// <summary>Takes what has all of these values.</summary>
    public CorrelationDefinition? CorrelationFilter { get; init; }

    /// <summary>A SQL action, up to 1,024 characters. A rule with one makes a copy of its own.</summary>
    public string? SqlAction { get; init; }
}

/// <summary>A correlation filter. What is not set is not looked at; text is compared with regard to case.</summary>
internal sealed record CorrelationDefinition
{
    public string? ContentType { get; init; }
    public string? CorrelationId { get; init; }
    public string? Subject { get; init; }
    public string? MessageId { get; init; }
    public string? ReplyTo { get; init; }
    public string? ReplyToSessionId { get; init; }
    public string? SessionId { get; init; }
    public string? To { get; init; }

    /// <summary>Application properties: texts, numbers, true or false.</summary>
    public IReadOnlyDictionary<string, JsonElement> Properties { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
}
