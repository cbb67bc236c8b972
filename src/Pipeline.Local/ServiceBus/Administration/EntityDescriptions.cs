using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace Pipeline.Local.ServiceBus.Administration;

/// <summary>Entities and what they hold, as the administration API describes them. When something was made or used is not known.</summary>
internal sealed class EntityDescriptions(Broker broker)
{
    private const string Never = "0001-01-01T00:00:00Z";

    private readonly BrokerTopology _topology = broker.Topology;
    private readonly IReadOnlyDictionary<string, EntityCounts> _counts = broker.Counts();

    public static string PathOf(string topic, string subscription) => $"{topic}/{subscription}";

    public static XElement Namespace() => Atom.Entry("localhost", new XElement(
        Atom.Connect + "NamespaceInfo",
        Element("Alias", ""), Element("CreatedTime", Never), Element("MessagingSKU", "Standard"), Element("ModifiedTime", Never),
        Element("Name", "localhost"), Element("NamespaceType", "Messaging")));

    public IEnumerable<XElement> Queues() => _topology.Queues.OrderBy(q => q.Name, StringComparer.OrdinalIgnoreCase).Select(Entry);

    public IEnumerable<XElement> Topics() => _topology.Topics.OrderBy(t => t.Name, StringComparer.OrdinalIgnoreCase).Select(Entry);

    public IEnumerable<XElement> Subscriptions(string topic) =>
        Find(topic) is var found ? found.Subscriptions.OrderBy(s => s.Name, StringComparer.OrdinalIgnoreCase).Select(s => Entry(found, s)) : [];

    public XElement Subscription(string topic, string subscription)
    {
        var found = Find(topic);
        return found.Subscriptions.FirstOrDefault(s => Is(s.Name, subscription)) is { } definition
            ? Entry(found, definition)
            : throw NotFound(PathOf(topic, subscription));
    }

    public XElement QueueOrTopic(string name) =>
        _topology.Queues.FirstOrDefault(q => Is(q.Name, name)) is { } queue ? Entry(queue) : Entry(Find(name));

    public IEnumerable<XElement> Rules(string topic, string subscription) => broker.Rules(PathOf(topic, subscription)).Select(Entry);

    public XElement Rule(string topic, string subscription, string rule) =>
        broker.Rules(PathOf(topic, subscription)).FirstOrDefault(r => Is(r.Name, rule)) is { } found
            ? Entry(found)
            : throw NotFound($"{PathOf(topic, subscription)}/{rule}");

    private static bool Is(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static BrokerException NotFound(string name) => new($"The messaging entity '{name}' could not be found.", BrokerFailure.MessagingEntityNotFound);

    private static XElement Element(string name, string value) => new(Atom.Connect + name, value);

    private static XElement Element(string name, bool value) => new(Atom.Connect + name, XmlConvert.ToString(value));

    private static XElement Element(string name, long value) => new(Atom.Connect + name, XmlConvert.ToString(value));

    private static XElement Element(string name, TimeSpan value) => new(Atom.Connect + name, XmlConvert.ToString(value));

    private TopicDefinition Find(string topic) => _topology.Topics.FirstOrDefault(t => Is(t.Name, topic)) ?? throw NotFound(topic);

    private XElement Entry(QueueDefinition queue)
    {
        var window = Window(queue.DuplicateDetectionWindow);
        return Atom.Entry(queue.Name, new XElement(
            Atom.Connect + "QueueDescription",
            Element("LockDuration", queue.LockDuration ?? _topology.LockDuration),
            Element("MaxSizeInMegabytes", 1024),
            Element("RequiresDuplicateDetection", window is not null),
            Receivable(queue),
            window is { } span ? Element("DuplicateDetectionHistoryTimeWindow", span) : null,
            Element("MaxDeliveryCount", queue.MaxDeliveryCount ?? _topology.MaxDeliveryCount),
            Common(queue.Name),
            Element("SupportOrdering", true)));
    }

    private XElement Entry(TopicDefinition topic)
    {
        var window = Window(topic.DuplicateDetectionWindow);
        return Atom.Entry(topic.Name, new XElement(
            Atom.Connect + "TopicDescription",
            Element("DefaultMessageTimeToLive", topic.DefaultMessageTimeToLive ?? TimeSpan.MaxValue),
            Element("MaxSizeInMegabytes", 1024),
            Element("RequiresDuplicateDetection", window is not null),
            window is { } span ? Element("DuplicateDetectionHistoryTimeWindow", span) : null,
            Common(topic.Name),
            Element("SupportOrdering", true),
            Element("SubscriptionCount", topic.Subscriptions.Count)));
    }

    private XElement Entry(TopicDefinition topic, SubscriptionDefinition subscription) => Atom.Entry(subscription.Name, new XElement(
        Atom.Connect + "SubscriptionDescription",
        Element("LockDuration", subscription.LockDuration ?? _topology.LockDuration),
        Receivable(subscription),
        Element("DeadLetteringOnFilterEvaluationExceptions", subscription.DeadLetteringOnFilterEvaluationExceptions),
        Element("MaxDeliveryCount", subscription.MaxDeliveryCount ?? _topology.MaxDeliveryCount),
        Common(PathOf(topic.Name, subscription.Name))));

    private static IEnumerable<XElement?> Receivable(ReceivableDefinition definition) =>
    [
        Element("RequiresSession", definition.RequiresSession),
        Element("DefaultMessageTimeToLive", definition.DefaultMessageTimeToLive ?? TimeSpan.MaxValue),
        Element("DeadLetteringOnMessageExpiration", definition.DeadLetteringOnMessageExpiration),
        definition.ForwardTo is { } target ? Element("ForwardTo", target) : null,
        definition.ForwardDeadLetteredMessagesTo is { } deadLetters ? Element("ForwardDeadLetteredMessagesTo", deadLetters) : null,
    ];

    private IEnumerable<XElement> Common(string name)
    {
        var counts = _counts[name];
        return
        [
            Element("EnableBatchedOperations", true),
            Element("SizeInBytes", 0),
            Element("MessageCount", counts.Active + counts.Deferred + counts.Scheduled + counts.DeadLettered),
            Element("IsAnonymousAccessible", false),
            Element("Status", "Active"),
            Element("CreatedAt", Never),
            Element("UpdatedAt", Never),
            Element("AccessedAt", Never),
            Element("AutoDeleteOnIdle", TimeSpan.MaxValue),
            Element("EnablePartitioning", false),
            Element("EntityAvailabilityStatus", "Available"),
            Element("EnableExpress", false),
            new XElement(
                Atom.Connect + "CountDetails",
                Count("ActiveMessageCount", counts.Active), Count("DeadLetterMessageCount", counts.DeadLettered), Count("ScheduledMessageCount", counts.Scheduled),
                Count("TransferMessageCount", 0), Count("TransferDeadLetterMessageCount", 0)),
        ];

        static XElement Count(string name, int count) => new(Atom.Counts + name, XmlConvert.ToString(count));
    }

    private TimeSpan? Window(TimeSpan? own) => (own ?? _topology.DuplicateDetectionWindow) is { Ticks: > 0 } window ? window : null;

    private static XElement Entry(RuleDefinition rule) => Atom.Entry(rule.Name, new XElement(
        Atom.Connect + "RuleDescription",
        new XAttribute(XNamespace.Xmlns + "i", Atom.Instance),
        rule.SqlFilter is { } sql ? Sql("Filter", sql switch { "1=1" => "TrueFilter", "1=0" => "FalseFilter", _ => "SqlFilter" }, sql) : Correlation(rule.CorrelationFilter!),
        rule.SqlAction is { } action ? Sql("Action", "SqlRuleAction", action) : new XElement(Atom.Connect + "Action", Type("EmptyRuleAction")),
        Element("CreatedAt", Never),
        Element("Name", rule.Name)));

    private static XAttribute Type(string name) => new(Atom.Instance + "type", name);

    private static XElement Sql(string element, string type, string expression) =>
        new(Atom.Connect + element, Type(type), Element("SqlExpression", expression), Element("CompatibilityLevel", 20));

    private static XElement Correlation(CorrelationDefinition filter) => new(
        Atom.Connect + "Filter",
        Type("CorrelationFilter"),
        Optional("CorrelationId", filter.CorrelationId), Optional("MessageId", filter.MessageId), Optional("To", filter.To), Optional("ReplyTo", filter.ReplyTo),
        Optional("Label", filter.Subject), Optional("SessionId", filter.SessionId), Optional("ReplyToSessionId", filter.ReplyToSessionId),
        Optional("ContentType", filter.ContentType),
        new XElement(Atom.Connect + "Properties", filter.Properties.Select(p => new XElement(
            Atom.Connect + "KeyValueOfstringanyType", Element("Key", p.Key), Value(p.Value)))));

    private static XElement? Optional(string name, string? value) => value is null ? null : Element(name, value);

    private static XElement Value(JsonElement value)
    {
        var (type, text) = value.ValueKind switch
        {
            JsonValueKind.String => ("string", value.GetString()!),
            JsonValueKind.True or JsonValueKind.False => ("boolean", XmlConvert.ToString(value.GetBoolean())),
            _ when value.TryGetInt64(out var whole) => ("long", XmlConvert.ToString(whole)),
            _ => ("double", XmlConvert.ToString(value.GetDouble())),
        };
        return new XElement(Atom.Connect + "Value", new XAttribute(XNamespace.Xmlns + "d", Atom.Schema), Type("d:" + type), text);
    }
}
