namespace Pipeline.Local.ServiceBus;

/// <summary>A topic: copies what is sent to it into the subscriptions that have a rule for it.</summary>
internal sealed class BrokerTopic(string name, DuplicateHistory? history) : BrokerEntity(name, name, history)
{
    public const string TypeProperty = "cloudEvents_type";
    public const string ReplayForProperty = "replayfor";
    public const string ReplayForAll = "all";

    private readonly Dictionary<string, List<BrokerQueue>> _byType = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<BrokerQueue>> _byReplay = new(StringComparer.Ordinal);
    private readonly List<(BrokerQueue Subscription, SubscriptionRule[] Rules)> _ruled = [];
    private readonly List<(BrokerQueue Subscription, SubscriptionDefinition Definition)> _subscriptions = [];

    /// <summary>The subscriptions, in the order in which they were made.</summary>
    public IEnumerable<BrokerQueue> Subscriptions => _subscriptions.Select(s => s.Subscription);

    /// <summary>What a subscription was made from; its rules are those of now.</summary>
    public SubscriptionDefinition DefinitionOf(BrokerQueue subscription) => _subscriptions.Find(s => ReferenceEquals(s.Subscription, subscription)).Definition;

    /// <summary>The rules of a subscription, those by type and for replays among them.</summary>
    public IReadOnlyList<RuleDefinition> RulesOf(BrokerQueue subscription) => DefinitionOf(subscription).AllRules(subscription.Name);

    /// <summary>Adds a subscription, with its rules.</summary>
    public void Subscribe(BrokerQueue subscription, SubscriptionDefinition definition)
    {
        _subscriptions.Add((subscription, definition));
        AddRules(subscription, definition);
    }

    /// <summary>Gives a subscription these rules in place of those that it has.</summary>
    public void SetRules(BrokerQueue subscription, IReadOnlyList<RuleDefinition> rules)
    {
        var index = _subscriptions.FindIndex(s => ReferenceEquals(s.Subscription, subscription));
        _subscriptions[index] = (subscription, _subscriptions[index].Definition with { Types = null, Rules = rules });
        Rebuild();
    }

    /// <summary>Removes a subscription.</summary>
    public void Unsubscribe(BrokerQueue subscription)
    {
        _subscriptions.RemoveAll(s => ReferenceEquals(s.Subscription, subscription));
        Rebuild();
    }

    private void Rebuild()
    {
        _byType.Clear();
        _byReplay.Clear();
        _ruled.Clear();
        foreach (var (subscription, definition) in _subscriptions)
            AddRules(subscription, definition);
    }

    /// <summary>
    /// Gives a subscription its rules. One for each type, and one for replays addressed to it: these are looked up. Where
    /// there are others they are tried one by one, together with those.
    /// </summary>
    private void AddRules(BrokerQueue subscription, SubscriptionDefinition definition)
    {
        var types = definition.Types?.Distinct(StringComparer.Ordinal).ToList();
        if (definition.Rules is not { Count: > 0 } rules)
        {
            foreach (var type in types ?? [])
                Rule(_byType, type, subscription);
            if (types is not null)
                Rule(_byReplay, subscription.Name, subscription);
            return;
        }

        var all = rules.Select(SubscriptionRule.Of).ToList();
        if (types is not null)
        {
            all.AddRange(types.Select(type => SubscriptionRule.Matching(
                type, new(StringComparer.Ordinal) { [TypeProperty] = type, [ReplayForProperty] = ReplayForAll })));
            all.Add(SubscriptionRule.Matching("$Default", new(StringComparer.Ordinal) { [ReplayForProperty] = subscription.Name }));
        }

        // Those that make no copy of their own first: of them the first that matches decides.
        _ruled.Add((subscription, [.. all.OrderBy(rule => rule.HasAction)]));
    }

    /// <summary>The copies that subscriptions take of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="properties">Its properties.</param>
    /// <param name="newId">Gives what <c>newid()</c> is.</param>
    public IEnumerable<TopicMatch> Match(StoredMessage message, IReadOnlyDictionary<string, object> properties, Func<Guid> newId)
    {
        // A message addressed to all meets rules by type only, any other meets replay rules only, so none is listed twice.
        foreach (var subscription in Looked(properties))
            yield return new TopicMatch(subscription, null, null);
        foreach (var (subscription, rules) in _ruled)
        {
            foreach (var match in Match(subscription, rules, new SqlContext(message, properties, newId)))
                yield return match;
        }
    }

    private static List<TopicMatch> Match(BrokerQueue subscription, SubscriptionRule[] rules, SqlContext context)
    {
        var matches = new List<TopicMatch>();
        try
        {
            var taken = false;
            foreach (var rule in rules)
            {
                if ((taken && !rule.HasAction) || !rule.Matches(context))
                    continue;
                taken |= !rule.HasAction;
                matches.Add(new TopicMatch(subscription, rule.HasAction ? rule.Change(context) : null, null));
            }
        }
        catch (FilterException error)
        {
            // One copy says what went wrong; no other rule's copy hides it.
            matches.Clear();
            if (subscription.DeadLettersFilterErrors)
                matches.Add(new TopicMatch(subscription, null, DeadLetterCause.Of(error)));
        }

        return matches;
    }

    private List<BrokerQueue> Looked(IReadOnlyDictionary<string, object> properties)
    {
        if (!properties.TryGetValue(ReplayForProperty, out var value) || value is not string replayFor)
            return [];
        if (!string.Equals(replayFor, ReplayForAll, StringComparison.Ordinal))
            return _byReplay.TryGetValue(replayFor, out var addressed) ? addressed : [];
        properties.TryGetValue(TypeProperty, out value);
        return value is string type && _byType.TryGetValue(type, out var typed) ? typed : [];
    }

    private static void Rule(Dictionary<string, List<BrokerQueue>> rules, string value, BrokerQueue subscription)
    {
        if (!rules.TryGetValue(value, out var subscriptions))
            rules.Add(value, subscriptions = []);
        subscriptions.Add(subscription);
    }
}
