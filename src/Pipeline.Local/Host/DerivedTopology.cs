using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;

namespace Pipeline.Local.Hosting;

/// <summary>
/// The topology of an app that has no topology.json: what its triggers listen to, by the <c>functions.metadata</c> that the worker's SDK
/// writes beside an app when it builds it. What a trigger does not say is as Azure has it by default, and a container's partition key is
/// <c>/id</c>.
/// </summary>
internal sealed class DerivedTopology
{
    private const string MetadataName = "functions.metadata";
    private const string FileName = "topology.generated.json";
    private const int MaxSubscriptionName = 64;

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    private readonly IConfiguration _configuration;
    private readonly SortedDictionary<string, bool> _queues = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedDictionary<string, SortedDictionary<string, bool>> _topics = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedSet<string> _containers = new(StringComparer.Ordinal);
    private readonly List<string> _eventGrid = [];
    private string? _database;
    private string? _leases;

    private DerivedTopology(IConfiguration configuration) => _configuration = configuration;

    /// <summary>Writes the file into the app's output, over that of the last start; returns its path.</summary>
    /// <exception cref="StartupException">The app has no metadata either, or its triggers want what cannot be made.</exception>
    public static string Write(AppFolder app, IConfiguration configuration)
    {
        var metadata = Path.Combine(app.Output, MetadataName);
        if (!File.Exists(metadata))
        {
            throw new StartupException(
                $"{app.Output} has neither a topology.json, which lists what the embedded services create, nor the {MetadataName} "
                + "that the worker's SDK writes, from which it could be made. See the page 'On one machine' of the documentation.");
        }

        var topology = new DerivedTopology(configuration);
        try
        {
            foreach (var function in JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(metadata)).EnumerateArray())
            {
                foreach (var binding in function.GetProperty("bindings").EnumerateArray().Select(b => RawBinding.Parse(b.GetRawText())).Where(b => b.IsTrigger))
                    topology.Add(function.GetProperty("name").GetString()!, binding);
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new StartupException($"{metadata} is not what the worker's SDK writes: build the app again. {error.Message}", error);
        }

        var path = Path.Combine(app.Output, FileName);
        File.WriteAllText(path, topology.ToJson().ToJsonString(_indented));
        return path;
    }

    private void Add(string function, RawBinding binding)
    {
        switch (binding.Kind)
        {
            case RawBinding.ServiceBus:
                var entities = binding.Topic is { } topic ? SubscriptionsOf(Resolve(topic)) : _queues;
                Add(entities, binding.QueueOrSubscription ?? "", binding.Flag("isSessionsEnabled") ?? false);
                break;
            case RawBinding.CosmosDB:
                AddContainers(function, binding);
                break;
            case RawBinding.EventGrid:
                _eventGrid.Add(function);
                break;
        }
    }

    private SortedDictionary<string, bool> SubscriptionsOf(string topic)
    {
        if (!_topics.TryGetValue(topic, out var subscriptions))
            _topics[topic] = subscriptions = new(StringComparer.OrdinalIgnoreCase);
        return subscriptions;
    }

    private void Add(SortedDictionary<string, bool> entities, string name, bool hasSessions)
    {
        name = Resolve(name);
        if (name.EndsWith(ServiceBusFunctionTrigger.DeadLetterSuffix, StringComparison.OrdinalIgnoreCase))
            name = name[..^ServiceBusFunctionTrigger.DeadLetterSuffix.Length];
        entities[name] = hasSessions || entities.GetValueOrDefault(name);
    }

    private void AddContainers(string function, RawBinding changes)
    {
        var database = Resolve(changes.Text("databaseName") ?? "");
        var leaseDatabase = changes.Text("leaseDatabaseName") is { Length: > 0 } other ? Resolve(other) : database;
        if (leaseDatabase != database || (_database ?? database) != database)
        {
            throw new StartupException(
                $"{function}: the embedded Cosmos DB has one database, and the app's triggers name several, '{database}' and '{_database ?? leaseDatabase}' among them.");
        }

        _database = database;
        _containers.Add(Resolve(changes.Text("containerName") ?? ""));
        var leases = Resolve(changes.Text("leaseContainerName") ?? CosmosFunctionTrigger.DefaultLeaseContainer);
        _leases ??= leases;
        if (leases != _leases)
            _containers.Add(leases);
    }

    private string Resolve(string name) => Settings.Resolve(_configuration, name)!;

    private JsonObject ToJson() => new()
    {
        ["cosmos"] = new JsonObject
        {
            ["database"] = _database ?? "local",
            ["leases"] = _leases ?? CosmosFunctionTrigger.DefaultLeaseContainer,
            ["containers"] = ArrayOf(_containers.Select(name => new JsonObject { ["name"] = name, ["partitionKey"] = "/id" })),
        },
        ["serviceBus"] = new JsonObject
        {
            ["queues"] = ArrayOf(_queues.Select(queue => Entity(queue.Key, queue.Value))),
            ["topics"] = ArrayOf(_topics.Select(topic => new JsonObject
            {
                ["name"] = topic.Key,
                ["subscriptions"] = ArrayOf(topic.Value.Select(subscription =>
                {
                    var entity = Entity(subscription.Key, subscription.Value);
                    entity["rules"] = new JsonArray(new JsonObject { ["name"] = "$Default", ["sqlFilter"] = "1=1" });
                    return entity;
                })),
            })),
        },
        ["eventGrid"] = new JsonObject
        {
            ["subscriptions"] = ArrayOf(_eventGrid.Select(function => new JsonObject { ["name"] = SubscriptionNameOf(function), ["function"] = function })),
        },
    };

    /// <summary>As Event Grid allows it: 3 to 64 letters, digits and hyphens.</summary>
    private static string SubscriptionNameOf(string function)
    {
        var name = "function-" + string.Concat(function.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        return name.Length <= MaxSubscriptionName ? name : name[..MaxSubscriptionName];
    }

    private static JsonObject Entity(string name, bool hasSessions) => new() { ["name"] = name, ["requiresSession"] = hasSessions };

    private static JsonArray ArrayOf(IEnumerable<JsonObject> items) => [.. items];
}
