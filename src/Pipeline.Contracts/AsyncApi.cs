using System.Text.Json.Nodes;

namespace Pipeline.Contracts;

/// <summary>
/// The AsyncAPI 3.0 document of all topics and queues, their messages, and their senders and receivers, made from the catalog
/// and the topology. See https://www.asyncapi.com/docs/reference/specification/v3.0.0.
/// </summary>
public static class AsyncApi
{
    private const string CloudEventContent = "application/cloudevents+json; charset=utf-8";

    /// <summary>Makes the document.</summary>
    /// <param name="contracts">The catalog.</param>
    /// <param name="topology">Topics, queues and consumers.</param>
    /// <param name="serviceOf">The service of a consumer, for the description of what it receives; its own name will do.</param>
    /// <param name="address">Where the schemas are served, with a slash at the end.</param>
    public static JsonObject Document(IReadOnlyList<Contract> contracts, Topology topology, Func<string, string> serviceOf, Uri address)
    {
        var messages = new JsonObject();
        foreach (var contract in contracts)
            messages[contract.Type] = MessageOf(contract, address);
        return new JsonObject
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Pipeline",
                ["version"] = "1.0.0",
                ["description"] = "Events, commands and replies of the pipeline. Every message is a CloudEvent 1.0 in structured mode; its ordering key is the Service Bus session. "
                    + "Public events go to an Event Grid topic too, in any order.",
            },
            ["defaultContentType"] = "application/json",
            ["servers"] = new JsonObject
            {
                ["serviceBus"] = new JsonObject { ["host"] = "{namespace}.servicebus.windows.net", ["protocol"] = "amqps", ["protocolVersion"] = "1.0", ["variables"] = Variable("namespace") },
                ["eventGrid"] = new JsonObject { ["host"] = "{topic}.eventgrid.azure.net", ["protocol"] = "https", ["variables"] = Variable("topic") },
            },
            ["channels"] = ChannelsOf(contracts, topology),
            ["operations"] = OperationsOf(contracts, topology, serviceOf),
            ["components"] = new JsonObject { ["messages"] = messages },
        };
    }

    private static JsonObject Variable(string name) => new() { [name] = new JsonObject { ["description"] = $"Its {name}, as it was deployed." } };

    private static JsonObject ChannelsOf(IReadOnlyList<Contract> contracts, Topology topology)
    {
        var channels = new JsonObject();
        foreach (var name in topology.Topics)
            channels[name] = Channel(name, "Service Bus topic", "serviceBus", contracts.Where(c => c.Destination == name));
        foreach (var name in topology.Queues)
        {
            // An Event Grid consumer has a queue for its replays.
            var byEventGrid = topology.Consumers.FirstOrDefault(c => c.Name == name && c.IsByEventGrid);
            channels[name] = byEventGrid is null
                ? Channel(name, "Service Bus queue", "serviceBus", contracts.Where(c => c.Destination == name))
                : Channel(name, "Service Bus queue, for replays of what came by Event Grid", "serviceBus", contracts.Where(c => byEventGrid.Types.Contains(c.Type, StringComparer.Ordinal)));
        }

        channels["event-grid"] = Channel("api/events", "Event Grid topic of public events", "eventGrid", contracts.Where(c => c.IsPublic));
        return channels;
    }

    private static JsonObject Channel(string address, string description, string server, IEnumerable<Contract> contracts)
    {
        var messages = new JsonObject();
        foreach (var contract in contracts)
            messages[contract.Type] = Reference("#/components/messages/" + contract.Type);
        return new JsonObject
        {
            ["address"] = address,
            ["description"] = description,
            ["servers"] = new JsonArray(Reference("#/servers/" + server)),
            ["messages"] = messages,
        };
    }

    private static JsonObject OperationsOf(IReadOnlyList<Contract> contracts, Topology topology, Func<string, string> serviceOf)
    {
        var operations = new JsonObject();
        var sent = contracts.Where(c => !c.IsRetired).ToList();
        foreach (var group in sent.GroupBy(c => (Sender: SenderOf(c), c.Destination)))
            operations[$"{group.Key.Sender}.send.{group.Key.Destination}"] = Operation("send", group.Key.Sender, group.Key.Destination, group.Select(c => c.Type));
        foreach (var group in sent.Where(c => c.IsPublic).GroupBy(SenderOf, StringComparer.Ordinal))
            operations[$"{group.Key}.send.event-grid"] = Operation("send", group.Key, "event-grid", group.Select(c => c.Type));
        foreach (var consumer in topology.Consumers)
        {
            var channel = consumer.IsByEventGrid ? "event-grid" : consumer.Name.Split('/')[0];
            var service = serviceOf(consumer.Name);
            operations[$"{service}.receive.{consumer.Name.Replace('/', '.')}"] = Operation("receive", service, channel, consumer.Types);
            if (consumer.IsByEventGrid)
                operations[$"{service}.receive.{consumer.Name}.replays"] = Operation("receive", service, consumer.Name, consumer.Types);
        }

        return operations;
    }

    /// <summary>The sender of a command is its owner, because commands stay inside their service so far.</summary>
    private static string SenderOf(Contract contract) => contract.Owner;

    private static JsonObject Operation(string action, string service, string channel, IEnumerable<string> types) => new()
    {
        ["action"] = action,
        ["channel"] = Reference($"#/channels/{channel}"),
        ["summary"] = $"What {service} {action}s {(action == "send" ? "to" : "from")} {channel}.",
        ["tags"] = new JsonArray(new JsonObject { ["name"] = service }),
        ["messages"] = new JsonArray([.. types.Select(t => (JsonNode)Reference($"#/channels/{channel}/messages/{t}"))]),
    };

    private static JsonObject MessageOf(Contract contract, Uri address)
    {
        var data = JsonNode.Parse(contract.SchemaAt(address))!.AsObject();
        data.Remove("$schema");
        return new JsonObject
        {
            ["name"] = contract.Type,
            ["title"] = string.Create(CultureInfo.InvariantCulture, $"{contract.Name} v{contract.Version}"),
            ["summary"] = contract.Description,
            ["contentType"] = CloudEventContent,
            ["tags"] = new JsonArray([Tag(Surfaces.SurfaceText.WordFor(contract.Kind)), Tag(contract.IsPublic ? "public" : "internal"), Tag(contract.Owner), .. contract.IsRetired ? [Tag("retired")] : Array.Empty<JsonNode>()]),
            ["headers"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["cloudEvents_type"] = new JsonObject { ["const"] = contract.Type }, ["replayfor"] = new JsonObject { ["type"] = "string" } },
            },
            ["payload"] = PayloadOf(contract, data),
        };
    }

    /// <summary>The envelope; the contract describes the data.</summary>
    private static JsonObject PayloadOf(Contract contract, JsonObject data)
    {
        var properties = new JsonObject
        {
            ["specversion"] = new JsonObject { ["const"] = "1.0" },
            ["type"] = new JsonObject { ["const"] = contract.Type },
            ["id"] = Text("Unique within its source."),
            ["source"] = Text("The sender."),
            ["subject"] = Text($"The ordering key: {contract.SubjectRule}."),
            ["time"] = new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            ["dataschema"] = new JsonObject { ["type"] = "string", ["format"] = "uri" },
            ["datacontenttype"] = new JsonObject { ["const"] = "application/json" },
            ["partitionkey"] = Text("As subject."),
        };
        if (contract.IsEvent)
            properties["sequence"] = Text("The number of the fact among those of its subject, 19 digits.");
        properties["correlationid"] = Text("The conversation that it belongs to.");
        properties["causationid"] = Text("The message that caused it.");
        properties["traceparent"] = Text("W3C trace context.");
        properties["dataref"] = Text("Where the data is, in place of data, if it is too large for a message.");
        properties["data"] = data;
        return new JsonObject { ["type"] = "object", ["required"] = new JsonArray("specversion", "type", "id", "source"), ["properties"] = properties };
    }

    private static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };

    private static JsonObject Tag(string name) => new() { ["name"] = name };

    private static JsonObject Reference(string pointer) => new() { ["$ref"] = pointer };
}
