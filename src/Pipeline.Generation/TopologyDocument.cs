using System.Text.Json.Nodes;
using Pipeline.Consumers;
using Pipeline.Contracts;

namespace Pipeline.Generation;

/// <summary>
/// <c>topology.json</c>: containers, topics, subscriptions and queues, as contracts and consumers need them, with the hand
/// settings of <c>topology.settings.json</c>. Those have the same shape. What both have is merged: objects property by property,
/// where the hand setting counts, and lists of entities by their names.
/// </summary>
internal static class TopologyDocument
{
    /// <summary>A setting of a container for the generator only: how long its relay waits between two looks at the change feed.</summary>
    public const string PollMilliseconds = "pollMilliseconds";

    private const string Name = "name";

    /// <summary>Makes the document.</summary>
    /// <exception cref="GenerationException">The settings are not of that shape.</exception>
    public static JsonObject Of(IReadOnlyList<Contract> contracts, IReadOnlyList<Consumer> consumers, JsonObject settings)
    {
        HandSettings.Check(settings);
        var generated = Generated(contracts, consumers);
        var document = (JsonObject)Merge(generated, settings.DeepClone(), "$")!;
        foreach (var container in document["cosmos"]!["containers"]!.AsArray())
            container!.AsObject().Remove(PollMilliseconds);
        foreach (var topic in List(document["serviceBus"]!["topics"]))
            topic["subscriptions"] ??= new JsonArray();
        ThrowIfUnfed(document, generated);
        return document;
    }

    /// <summary>What a subscription takes follows from its consumer, or is set by hand.</summary>
    private static void ThrowIfUnfed(JsonObject document, JsonObject generated)
    {
        var topics = List(generated["serviceBus"]!["topics"]).ToList();
        var known = topics.SelectMany(SubscriptionsOf).Select(s => s.Path);
        if (List(document["serviceBus"]!["topics"]).SelectMany(SubscriptionsOf).FirstOrDefault(s => s.Subscription["types"] is null) is { Path: { } path })
        {
            throw new GenerationException(
                $"{Workspace.SettingsFile} has the subscription '{path}', which no consumer reads and which has no \"types\".{Nearest.Hint(path, known)} "
                + $"The topics are {Names(topics)}.");
        }

        var events = List(generated["eventGrid"]!["subscriptions"]).ToList();
        if (List(document["eventGrid"]!["subscriptions"]).FirstOrDefault(s => s["function"] is not null && s["types"] is null) is { } unfed)
        {
            var name = (string)unfed[Name]!;
            throw new GenerationException(
                $"{Workspace.SettingsFile} has the event subscription '{name}', which no consumer reads and which has no \"types\"."
                + $"{Nearest.Hint(name, events.Select(e => (string)e[Name]!))} Those of consumers are {Names(events)}.");
        }
    }

    private static IEnumerable<(string Path, JsonObject Subscription)> SubscriptionsOf(JsonObject topic) =>
        List(topic["subscriptions"]).Select(s => ($"{(string)topic[Name]!}/{(string)s[Name]!}", s));

    private static string Names(List<JsonObject> entities) => entities.Count == 0 ? "none" : string.Join(", ", entities.Select(e => (string)e[Name]!));

    /// <summary>The entities of a list; none where there is no list.</summary>
    public static IEnumerable<JsonObject> List(JsonNode? list) => (list as JsonArray ?? []).Select(e => e!.AsObject());

    /// <summary>Whether a subscription or queue of the document has sessions, as all have unless it says otherwise.</summary>
    public static bool HasSessions(JsonObject document, string consumer)
    {
        var bus = document["serviceBus"]!;
        var entity = consumer.Split('/') is [var topic, var subscription]
            ? Find(Find(bus["topics"], topic)?["subscriptions"], subscription)
            : Find(bus["queues"], consumer);
        return entity?["requiresSession"]?.GetValue<bool>() ?? true;
    }

    /// <summary>The entity of that name in a list; <see langword="null"/> if there is none.</summary>
    public static JsonNode? Find(JsonNode? list, string name) => (list as JsonArray)?.FirstOrDefault(e => (string?)e?[Name] == name);

    private static JsonObject Generated(IReadOnlyList<Contract> contracts, IReadOnlyList<Consumer> consumers)
    {
        var topics = contracts.Where(c => c.IsEvent).Select(c => c.Destination)
            .Concat(consumers.Where(IsSubscription).Select(c => c.Destination));
        var queues = contracts.Where(c => !c.IsEvent).Select(c => c.Destination)
            .Concat(consumers.Where(c => !IsSubscription(c)).Select(c => c.Name));
        return new JsonObject
        {
            ["cosmos"] = new JsonObject { ["containers"] = Entities(consumers.Select(c => c.Service), name => Entity(name)) },
            ["serviceBus"] = new JsonObject
            {
                ["topics"] = Entities(topics, topic => TopicOf(topic, contracts, consumers)),
                ["queues"] = Entities(queues, name => Entity(name)),
            },
            ["eventGrid"] = new JsonObject { ["subscriptions"] = new JsonArray([.. EventGridSubscriptions(contracts, consumers)]) },
        };
    }

    private static JsonObject TopicOf(string topic, IReadOnlyList<Contract> contracts, IReadOnlyList<Consumer> consumers)
    {
        var entity = Entity(topic);
        var listening = consumers.Where(c => IsSubscription(c) && c.Destination == topic).OrderBy(c => c.Name, StringComparer.Ordinal);
        entity["subscriptions"] = new JsonArray([.. listening.Select(c =>
        {
            var subscription = Entity(c.Name[(topic.Length + 1)..]);
            if (c.IsUnordered)
                subscription["requiresSession"] = false;
            subscription["types"] = TypesOf(c, contracts);
            return subscription;
        })]);
        return entity;
    }

    private static IEnumerable<JsonObject> EventGridSubscriptions(
        IReadOnlyList<Contract> contracts, IReadOnlyList<Consumer> consumers) => consumers
        .Where(c => c.EventGridSubscription is not null)
        .OrderBy(c => c.EventGridSubscription, StringComparer.Ordinal)
        .Select(c => new JsonObject
        {
            [Name] = c.EventGridSubscription,
            ["function"] = CodeText.FunctionNameOf(c.Name),
            ["types"] = TypesOf(c, contracts),
        });

    private static JsonArray TypesOf(Consumer consumer, IReadOnlyList<Contract> contracts) => new([.. consumer.Handles
        .Select(record => contracts.FirstOrDefault(c => c.DataType == record)?.Type ?? throw new GenerationException(
            $"'{consumer.Name}' handles '{record}', which is no message: "
            + "put [Event(\"com.example.owner.name.v1\", \"topic\", \"{field}\")] at the record."))
        .Order(StringComparer.Ordinal)
        .Select(type => (JsonNode)type)]);

    private static bool IsSubscription(Consumer consumer) => consumer.Name.Contains('/', StringComparison.Ordinal);

    private static JsonObject Entity(string name) => new() { [Name] = name };

    private static JsonArray Entities(IEnumerable<string> names, Func<string, JsonObject> make) =>
        new([.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(make)]);

    private static JsonNode? Merge(JsonNode? generated, JsonNode? setting, string path)
    {
        if (generated is JsonObject ours && setting is JsonObject theirs)
        {
            var names = theirs.Select(f => f.Key).Concat(ours.Select(f => f.Key)).Distinct(StringComparer.Ordinal).ToList();

            // The name first, what is long last.
            var merged = new JsonObject();
            foreach (var name in names.OrderBy(n => n == Name ? 0 : (ours[n] ?? theirs[n]) is JsonArray ? 2 : 1))
            {
                merged[name] = ours.ContainsKey(name) && theirs.ContainsKey(name)
                    ? Merge(ours[name], theirs[name], $"{path}.{name}")
                    : (ours[name] ?? theirs[name])?.DeepClone();
            }

            return merged;
        }

        if (generated is JsonArray list && setting is JsonArray more && list.Concat(more).Any(e => e is JsonObject))
            return Named(list, more, path);
        if ((generated is JsonArray) == (setting is JsonArray) && (generated is JsonValue) == (setting is JsonValue))
            return setting?.DeepClone();
        throw new GenerationException(
            $"{Workspace.SettingsFile} has '{path}' as something else than {Workspace.TopologyFile}: {setting?.ToJsonString()}");
    }

    private static JsonArray Named(JsonArray generated, JsonArray settings, string path)
    {
        var names = generated.Concat(settings).Select(e => (string)e![Name]!)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new([.. names.Select(name => (Find(generated, name), Find(settings, name)) switch
        {
            ({ } ours, { } theirs) => Merge(ours, theirs, $"{path}.{name}"),
            var (ours, theirs) => (ours ?? theirs)!.DeepClone(),
        })]);
    }
}
