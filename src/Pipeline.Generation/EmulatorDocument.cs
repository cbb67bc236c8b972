using System.Text.Json.Nodes;
using System.Xml;

namespace Pipeline.Generation;

/// <summary>
/// <c>emulators/Config.json</c>: the entities that the Service Bus emulator reads when it starts. Where the topology asks for more
/// than the emulator has, it gets what the emulator can.
/// </summary>
internal static class EmulatorDocument
{
    private const int MaxDeliveryCount = 10;
    private const string TimeToLive = "PT1H";
    private const string MaxDuplicateWindow = "PT5M";
    private const string MaxLockDuration = "PT5M";

    /// <summary>Makes the document of a topology.</summary>
    public static JsonObject Of(JsonObject topology)
    {
        var bus = topology["serviceBus"]!.AsObject();
        return new JsonObject
        {
            ["UserConfig"] = new JsonObject
            {
                ["Namespaces"] = new JsonArray(new JsonObject
                {
                    ["Name"] = "sbemulatorns",
                    ["Queues"] = new JsonArray([.. TopologyDocument.List(bus["queues"]).Select(queue => QueueOf(queue, bus))]),
                    ["Topics"] = new JsonArray([.. TopologyDocument.List(bus["topics"]).Select(topic => TopicOf(topic, bus))]),
                }),
                ["Logging"] = new JsonObject { ["Type"] = "File" },
            },
        };
    }

    private static JsonObject QueueOf(JsonObject queue, JsonObject bus) =>
        Named(queue, Add(Receiving(queue, bus), Deduplicating(queue, bus)));

    private static JsonObject TopicOf(JsonObject topic, JsonObject bus)
    {
        var entity = Named(topic, Add(new JsonObject { ["DefaultMessageTimeToLive"] = TimeToLive }, Deduplicating(topic, bus)));
        entity["Subscriptions"] = new JsonArray([.. TopologyDocument.List(topic["subscriptions"]).Select(subscription =>
        {
            var made = Named(subscription, Receiving(subscription, bus));
            made["Rules"] = new JsonArray(
            [
                Rule("replays", new JsonObject { ["replayfor"] = $"{(string)topic["name"]!}/{(string)subscription["name"]!}" }),
                .. subscription["types"]!.AsArray().Select(type => (string)type!)
                    .Select(type => Rule(type, new JsonObject { ["cloudEvents_type"] = type, ["replayfor"] = "all" })),
            ]);
            return made;
        })]);
        return entity;
    }

    private static JsonObject Receiving(JsonObject entity, JsonObject bus) => new()
    {
        ["DeadLetteringOnMessageExpiration"] = true,
        ["DefaultMessageTimeToLive"] = TimeToLive,
        ["ForwardDeadLetteredMessagesTo"] = "",
        ["ForwardTo"] = "",
        ["LockDuration"] = AtMost(Setting(entity, bus, "lockDuration", "\"PT1M\""), MaxLockDuration),
        ["MaxDeliveryCount"] = Math.Min(Setting(entity, bus, "maxDeliveryCount", "10").GetValue<int>(), MaxDeliveryCount),
        ["RequiresSession"] = entity["requiresSession"]?.GetValue<bool>() ?? true,
    };

    private static JsonObject Deduplicating(JsonObject entity, JsonObject bus) => new()
    {
        ["DuplicateDetectionHistoryTimeWindow"] = AtMost(Setting(entity, bus, "duplicateDetectionWindow", "\"PT10M\""), MaxDuplicateWindow),
        ["RequiresDuplicateDetection"] = true,
    };

    private static JsonObject Rule(string name, JsonObject properties) => new()
    {
        ["Name"] = name,
        ["Properties"] = new JsonObject
        {
            ["FilterType"] = "Correlation",
            ["CorrelationFilter"] = new JsonObject { ["Properties"] = properties },
        },
    };

    private static JsonNode Setting(JsonObject entity, JsonObject bus, string name, string example) =>
        entity[name] ?? bus[name] ?? throw new GenerationException($"{Workspace.SettingsFile} has no 'serviceBus.{name}'; add it, such as {example}.");

    private static string AtMost(JsonNode duration, string limit) =>
        XmlConvert.ToTimeSpan((string)duration!) > XmlConvert.ToTimeSpan(limit) ? limit : (string)duration!;

    private static JsonObject Named(JsonObject entity, JsonObject properties) => new()
    {
        ["Name"] = (string)entity["name"]!,
        ["Properties"] = properties,
    };

    private static JsonObject Add(JsonObject properties, JsonObject more)
    {
        foreach (var (name, value) in more)
            properties[name] = value?.DeepClone();
        return properties;
    }
}
