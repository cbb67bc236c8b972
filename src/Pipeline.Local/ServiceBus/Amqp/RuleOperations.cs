using System.Text.Json;
using Microsoft.Azure.Amqp.Encoding;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>Rules of subscriptions over <c>$management</c>.</summary>
internal static class RuleOperations
{
    private const ulong RuleDescription = 1335734829060;
    private const ulong EmptyAction = 1335734829061;
    private const ulong SqlAction = 1335734829062;
    private const ulong SqlFilter = 83483426822;
    private const ulong TrueFilter = 83483426823;
    private const ulong FalseFilter = 83483426824;
    private const ulong CorrelationFilter = 83483426825;
    private const int CompatibilityLevel = 20;
    private const int MaxRules = 100;

    public static AmqpMap Add(Broker broker, ManagementRequest request)
    {
        var description = request.Within(request.Required<AmqpMap>("rule-description"));
        broker.AddRule(request.Path, new RuleDefinition
        {
            Name = request.Required<string>("rule-name"),
            SqlFilter = description.Optional<AmqpMap>("sql-filter") is { } sql ? description.Within(sql).Required<string>("expression") : null,
            CorrelationFilter = description.Optional<AmqpMap>("correlation-filter") is { } correlation ? Correlation(description.Within(correlation)) : null,
            SqlAction = description.Optional<AmqpMap>("sql-rule-action") is { } action ? description.Within(action).Optional<string>("expression") : null,
        });
        return new AmqpMap();
    }

    public static AmqpMap Remove(Broker broker, ManagementRequest request)
    {
        broker.RemoveRule(request.Path, request.Required<string>("rule-name"));
        return new AmqpMap();
    }

    public static AmqpMap? List(Broker broker, ManagementRequest request)
    {
        var rules = broker.Rules(request.Path)
            .Skip(Math.Max(0, request.Optional<int>("skip")))
            .Take(Math.Clamp(request.Optional<int>("top"), 1, MaxRules))
            .Select(rule => (object)new AmqpMap { { "rule-description".Key(), Described(rule, broker.Clock.GetUtcNow().UtcDateTime) } })
            .ToList();
        return rules.Count == 0 ? null : new AmqpMap { { "rules".Key(), rules } };
    }

    private static CorrelationDefinition Correlation(ManagementRequest filter) => new()
    {
        CorrelationId = filter.Optional<string>("correlation-id"),
        MessageId = filter.Optional<string>("message-id"),
        To = filter.Optional<string>("to"),
        ReplyTo = filter.Optional<string>("reply-to"),
        Subject = filter.Optional<string>("label"),
        SessionId = filter.Optional<string>("session-id"),
        ReplyToSessionId = filter.Optional<string>("reply-to-session-id"),
        ContentType = filter.Optional<string>("content-type"),
        Properties = (filter.Properties("properties") ?? []).ToDictionary(p => p.Key, p => Element(p.Key, p.Value), StringComparer.Ordinal),
    };

    private static JsonElement Element(string name, object? value) => value is string or bool or byte or sbyte or short or ushort or int or uint or long or float or double
        ? JsonSerializer.SerializeToElement(value, value.GetType())
        : throw new ArgumentException($"The property '{name}' of a correlation filter is neither text nor number nor true or false.");

    private static DescribedType Described(RuleDefinition rule, DateTime createdAt) => new(
        RuleDescription, new List<object> { Filter(rule), Action(rule), rule.Name, createdAt });

    private static DescribedType Action(RuleDefinition rule) => rule.SqlAction is { } action
        ? new DescribedType(SqlAction, new List<object> { action, CompatibilityLevel })
        : new DescribedType(EmptyAction, new List<object>());

    private static DescribedType Filter(RuleDefinition rule) => rule switch
    {
        { SqlFilter: "1=1" } => new DescribedType(TrueFilter, new List<object> { "1=1", CompatibilityLevel }),
        { SqlFilter: "1=0" } => new DescribedType(FalseFilter, new List<object> { "1=0", CompatibilityLevel }),
        { SqlFilter: { } sql } => new DescribedType(SqlFilter, new List<object> { sql, CompatibilityLevel }),
        _ => new DescribedType(CorrelationFilter, Fields(rule.CorrelationFilter!)),
    };

    private static List<object?> Fields(CorrelationDefinition filter)
    {
        var properties = new AmqpMap();
        foreach (var (name, value) in filter.Properties)
            properties.Add(name.Key(), SubscriptionRule.ValueOf(name, value));
        return
        [
            filter.CorrelationId, filter.MessageId, filter.To, filter.ReplyTo, filter.Subject, filter.SessionId, filter.ReplyToSessionId, filter.ContentType,
            properties,
        ];
    }
}
