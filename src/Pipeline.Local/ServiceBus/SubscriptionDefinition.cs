using System.Text.Json;

namespace Pipeline.Local.ServiceBus;

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
