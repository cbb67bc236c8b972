using Microsoft.Extensions.Logging;

namespace Pipeline.Local.ServiceBus;

/// <content>Rules of subscriptions, changed at run time. They are kept until topology.json says something else of the subscription.</content>
internal sealed partial class Broker
{
    private const int MaxRules = 2000;

    /// <summary>The rules of a subscription.</summary>
    /// <exception cref="BrokerException">There is no such subscription.</exception>
    public IReadOnlyList<RuleDefinition> Rules(string subscription)
    {
        using var held = Enter(out _);
        var queue = Subscription(subscription);
        return queue.Topic!.RulesOf(queue);
    }

    /// <exception cref="BrokerException">There is no such subscription, or a rule of that name.</exception>
    /// <exception cref="ArgumentException">The rule cannot be.</exception>
    public void AddRule(string subscription, RuleDefinition rule)
    {
        Check(rule);
        using var held = Enter(out _);
        var queue = Subscription(subscription);
        var rules = queue.Topic!.RulesOf(queue);
        if (rules.Any(r => r.Name.Equals(rule.Name, StringComparison.OrdinalIgnoreCase)))
            throw new BrokerException($"'{queue.Path}' has a rule '{rule.Name}' already.", BrokerFailure.MessagingEntityAlreadyExists, queue.Path);
        if (rules.Count >= MaxRules)
            throw new BrokerException(string.Create(CultureInfo.InvariantCulture, $"A subscription has at most {MaxRules} rules."), BrokerFailure.QuotaExceeded, queue.Path);
        SetRules(queue, [.. rules, rule]);
    }

    /// <summary>Adds a rule, or puts it in place of that of its name.</summary>
    /// <exception cref="BrokerException">There is no such subscription; or a rule of that name, or none to change.</exception>
    /// <exception cref="ArgumentException">The rule cannot be.</exception>
    public void PutRule(string subscription, RuleDefinition rule, bool isUpdate)
    {
        if (!isUpdate)
        {
            AddRule(subscription, rule);
            return;
        }

        Check(rule);
        using var held = Enter(out _);
        var queue = Subscription(subscription);
        var rules = queue.Topic!.RulesOf(queue).ToList();
        var index = rules.FindIndex(r => r.Name.Equals(rule.Name, StringComparison.OrdinalIgnoreCase));
        if (index < 0)
            throw NoSuchRule(queue, rule.Name);
        rules[index] = rule;
        SetRules(queue, rules);
    }

    /// <exception cref="BrokerException">There is no such subscription or rule.</exception>
    public void RemoveRule(string subscription, string rule)
    {
        using var held = Enter(out _);
        var queue = Subscription(subscription);
        var rules = queue.Topic!.RulesOf(queue);
        var left = rules.Where(r => !r.Name.Equals(rule, StringComparison.OrdinalIgnoreCase)).ToList();
        if (left.Count == rules.Count)
            throw NoSuchRule(queue, rule);
        SetRules(queue, left);
    }

    private static BrokerException NoSuchRule(BrokerQueue subscription, string rule) =>
        new($"The messaging entity '{subscription.Path}/Rules/{rule}' could not be found.", BrokerFailure.MessagingEntityNotFound, subscription.Path);

    private static void Check(RuleDefinition rule)
    {
        if (rule.Name.Length is 0 or > 50)
            throw new ArgumentException($"'{rule.Name}' is no name of a rule: 1 to 50 characters.");
        try
        {
            _ = SubscriptionRule.Of(rule);
        }
        catch (FormatException error)
        {
            throw new ArgumentException($"The rule '{rule.Name}' cannot be: {error.Message}", error);
        }
    }

    private BrokerQueue Subscription(string path) => Entity(path) is BrokerQueue { Topic: not null } queue
        ? queue
        : throw new InvalidOperationException($"'{path}' is no subscription: only those have rules.");

    private void SetRules(BrokerQueue subscription, IReadOnlyList<RuleDefinition> rules)
    {
        var before = subscription.RuntimeRules?.TopologyJson ?? RuntimeRules.JsonOf(subscription.Topic!.RulesOf(subscription));
        var changed = new RuntimeRules(RuntimeRules.JsonOf(rules), before);
        _journal.Begin();
        _journal.Rules(subscription, changed);
        WriteRecord(subscription);
        subscription.RuntimeRules = changed;
        subscription.Topic!.SetRules(subscription, rules);
    }

    /// <summary>Brings back the rules that were set at run time. Part of the record of the start.</summary>
    private void RestoreRules()
    {
        foreach (var subscription in _entities.OfType<BrokerQueue>().Where(q => q.RuntimeRules is not null))
        {
            if (subscription.Topic is { } topic
                && subscription.RuntimeRules!.TopologyJson.Equals(RuntimeRules.JsonOf(topic.RulesOf(subscription)), StringComparison.Ordinal))
            {
                topic.SetRules(subscription, subscription.RuntimeRules.Rules);
                continue;
            }

            _log.LogWarning("The rules of '{Subscription}' are others in topology.json than before: those that were set at run time are gone.", subscription.Name);
            subscription.RuntimeRules = null;
            _journal.Rules(subscription, null);
        }
    }
}
