using System.Text.Json;

namespace Pipeline.Local.ServiceBus;

/// <summary>A rule of a subscription, ready to be tried on messages.</summary>
internal sealed class SubscriptionRule
{
    private const string RuleNameProperty = "RuleName";
    private const int MaxSqlLength = 1024;

    private readonly string _name;
    private readonly SqlNode? _filter;
    private readonly List<SqlAction>? _action;
    private readonly List<(string SystemName, string Value)> _system = [];
    private readonly Dictionary<string, object> _properties = new(StringComparer.Ordinal);

    private SubscriptionRule(string name, SqlNode? filter, List<SqlAction>? action) => (_name, _filter, _action) = (name, filter, action);

    /// <summary>Whether it makes a copy of its own, and changes it.</summary>
    public bool HasAction => _action is not null;

    /// <summary>Takes what has all of these properties.</summary>
    public static SubscriptionRule Matching(string name, Dictionary<string, object> properties)
    {
        var rule = new SubscriptionRule(name, null, null);
        foreach (var (key, value) in properties)
            rule._properties.Add(key, value);
        return rule;
    }

    /// <exception cref="FormatException">It has not just one filter, or SQL that cannot be read.</exception>
    public static SubscriptionRule Of(RuleDefinition definition)
    {
        if (definition.SqlFilter is null == definition.CorrelationFilter is null)
            throw new FormatException("A rule has either 'sqlFilter' or 'correlationFilter'.");
        var filter = definition.SqlFilter is { } sql ? SqlRuleParser.Filter(Checked(sql, "sqlFilter")) : null;
        var action = definition.SqlAction is { } change ? SqlRuleParser.Action(Checked(change, "sqlAction")) : null;
        var rule = new SubscriptionRule(definition.Name, filter, action);
        if (definition.CorrelationFilter is { } correlation)
            rule.Correlate(correlation);
        return rule;
    }

    /// <exception cref="FilterException">It cannot be evaluated for this message.</exception>
    public bool Matches(SqlContext context)
    {
        if (_filter is not null)
            return _filter.Evaluate(context) is true;
        foreach (var (name, value) in _system)
        {
            if (!value.Equals(SystemProperties.Get(context, name) as string, StringComparison.Ordinal))
                return false;
        }

        foreach (var (name, value) in _properties)
        {
            if (!context.Properties.TryGetValue(name, out var own) || !SqlValues.AreSame(own, value))
                return false;
        }

        return true;
    }

    /// <summary>The message as the action leaves it, with the rule's name.</summary>
    /// <exception cref="FilterException">It cannot be evaluated for this message.</exception>
    public StoredMessage Change(SqlContext context)
    {
        var change = new MessageChange(context);
        foreach (var action in _action!)
            action.Apply(change);
        change.Set(RuleNameProperty, _name);
        return change.ToMessage();
    }

    private static string Checked(string sql, string setting) => sql.Length <= MaxSqlLength
        ? sql
        : throw new FormatException($"'{setting}' has {sql.Length} characters; the limit is {MaxSqlLength}.");

    private void Correlate(CorrelationDefinition filter)
    {
        foreach (var (name, value) in new[]
                 {
                     ("ContentType", filter.ContentType), ("CorrelationId", filter.CorrelationId), ("Label", filter.Subject),
                     ("MessageId", filter.MessageId), ("ReplyTo", filter.ReplyTo), ("ReplyToSessionId", filter.ReplyToSessionId),
                     ("SessionId", filter.SessionId), ("To", filter.To),
                 })
        {
            if (value is not null)
                _system.Add((name, value));
        }

        foreach (var (name, value) in filter.Properties)
            _properties.Add(name, ValueOf(name, value));
        if (_system.Count + _properties.Count == 0)
            throw new FormatException("'correlationFilter' names nothing to compare: it needs at least one property.");
    }

    /// <summary>The value that a property is compared with.</summary>
    public static object ValueOf(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole : value.GetDouble(),
        _ => throw new FormatException($"'correlationFilter': '{name}' is neither text nor number nor true or false."),
    };
}
