using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace Pipeline.Local.ServiceBus.Administration;

/// <summary>Entities as clients describe them. What the broker does not offer is refused by name.</summary>
internal static class DescriptionReader
{
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DefaultLock = TimeSpan.FromMinutes(1);
    private const int DefaultDeliveries = 10;

    public static QueueDefinition Queue(string name, XElement description)
    {
        Refuse(name, description);
        return Receivable(new QueueDefinition { Name = name, DuplicateDetectionWindow = Window(description) }, description);
    }

    public static TopicDefinition Topic(string name, XElement description)
    {
        Refuse(name, description);
        return new TopicDefinition
        {
            Name = name,
            DefaultMessageTimeToLive = Duration(description, "DefaultMessageTimeToLive"),
            DuplicateDetectionWindow = Window(description),
        };
    }

    public static SubscriptionDefinition Subscription(string name, XElement description)
    {
        Refuse(name, description);
        var rule = description.Element(Atom.Connect + "DefaultRuleDescription");
        var subscription = new SubscriptionDefinition
        {
            Name = name,
            DeadLetteringOnFilterEvaluationExceptions = Flag(description, "DeadLetteringOnFilterEvaluationExceptions", standard: true),
            Rules = [rule is null ? new RuleDefinition { Name = "$Default", SqlFilter = "1=1" } : Rule(Text(rule, "Name") ?? "$Default", rule)],
        };
        return Receivable(subscription, description);
    }

    /// <summary>What queues and subscriptions have in common.</summary>
    private static T Receivable<T>(T entity, XElement description)
        where T : ReceivableDefinition =>
        (T)((ReceivableDefinition)entity with
        {
            RequiresSession = Flag(description, "RequiresSession"),
            LockDuration = Duration(description, "LockDuration") ?? DefaultLock,
            MaxDeliveryCount = Count(description, "MaxDeliveryCount") ?? DefaultDeliveries,
            DefaultMessageTimeToLive = Duration(description, "DefaultMessageTimeToLive"),
            DeadLetteringOnMessageExpiration = Flag(description, "DeadLetteringOnMessageExpiration"),
            ForwardTo = Target(description, "ForwardTo"),
            ForwardDeadLetteredMessagesTo = Target(description, "ForwardDeadLetteredMessagesTo"),
        });

    public static RuleDefinition Rule(string name, XElement description)
    {
        var filter = description.Element(Atom.Connect + "Filter") ?? throw new ArgumentException($"The rule '{name}' has no filter.");
        var action = description.Element(Atom.Connect + "Action");
        var isCorrelation = TypeOf(filter) == "CorrelationFilter";
        return new RuleDefinition
        {
            Name = name,
            SqlFilter = isCorrelation ? null : Text(filter, "SqlExpression") ?? throw new ArgumentException($"The filter of the rule '{name}' has no SqlExpression."),
            CorrelationFilter = isCorrelation ? Correlation(filter) : null,
            SqlAction = action is null || TypeOf(action) == "EmptyRuleAction" ? null : Text(action, "SqlExpression"),
        };
    }

    private static CorrelationDefinition Correlation(XElement filter) => new()
    {
        CorrelationId = Text(filter, "CorrelationId"),
        MessageId = Text(filter, "MessageId"),
        To = Text(filter, "To"),
        ReplyTo = Text(filter, "ReplyTo"),
        Subject = Text(filter, "Label"),
        SessionId = Text(filter, "SessionId"),
        ReplyToSessionId = Text(filter, "ReplyToSessionId"),
        ContentType = Text(filter, "ContentType"),
        Properties = (filter.Element(Atom.Connect + "Properties")?.Elements(Atom.Connect + "KeyValueOfstringanyType") ?? []).ToDictionary(
            p => Text(p, "Key") ?? throw new ArgumentException("A property of a correlation filter has no key."),
            p => Value(p.Element(Atom.Connect + "Value")),
            StringComparer.Ordinal),
    };

    private static JsonElement Value(XElement? value)
    {
        var text = value?.Value ?? throw new ArgumentException("A property of a correlation filter has no value.");
        return TypeOf(value) switch
        {
            "int" or "long" => JsonSerializer.SerializeToElement(XmlConvert.ToInt64(text)),
            "double" => JsonSerializer.SerializeToElement(XmlConvert.ToDouble(text)),
            "boolean" => JsonSerializer.SerializeToElement(XmlConvert.ToBoolean(text)),
            "string" => JsonSerializer.SerializeToElement(text),
            var type => throw new ArgumentException($"A property of a correlation filter is a {type}: text, numbers, true and false are offered."),
        };
    }

    /// <summary>The name of a type, without prefix.</summary>
    private static string? TypeOf(XElement element) => element.Attribute(Atom.Instance + "type")?.Value.Split(':')[^1];

    private static void Refuse(string name, XElement description)
    {
        if (Flag(description, "EnablePartitioning"))
            throw new ArgumentException($"'{name}': partitioning is not offered here.");
        if (Text(description, "AutoDeleteOnIdle") is { } idle && XmlConvert.ToTimeSpan(idle) < TimeSpan.FromDays(365 * 100))
            throw new ArgumentException($"'{name}': AutoDeleteOnIdle is not offered here.");
        if (Text(description, "Status") is { } status && status != "Active")
            throw new ArgumentException($"'{name}': the status is '{status}'; only Active is offered here.");
        if (Text(description, "UserMetadata") is { Length: > 0 })
            throw new ArgumentException($"'{name}': UserMetadata is not kept here.");
    }

    private static TimeSpan Window(XElement description) =>
        Flag(description, "RequiresDuplicateDetection") ? Duration(description, "DuplicateDetectionHistoryTimeWindow") ?? DefaultWindow : TimeSpan.Zero;

    private static string? Text(XElement description, string name) => description.Element(Atom.Connect + name)?.Value;

    private static bool Flag(XElement description, string name, bool standard = false) => Text(description, name) is { } text ? XmlConvert.ToBoolean(text) : standard;

    private static int? Count(XElement description, string name) => Text(description, name) is { } text ? XmlConvert.ToInt32(text) : null;

    /// <summary>A duration; none if it is as good as for ever.</summary>
    private static TimeSpan? Duration(XElement description, string name) =>
        Text(description, name) is { } text && XmlConvert.ToTimeSpan(text) is var span && span < TimeSpan.FromDays(365 * 1000) ? span : null;

    /// <summary>The official client names a target by its address in the namespace.</summary>
    private static string? Target(XElement description, string name) =>
        Text(description, name) is not { Length: > 0 } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) ? Uri.UnescapeDataString(address.AbsolutePath.Trim('/'))
        : text;
}
