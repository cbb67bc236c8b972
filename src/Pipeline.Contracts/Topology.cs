using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Pipeline.Contracts;

/// <summary>The consumers and their message types, from topology.json, which is embedded in the assembly of the contracts. <c>pipeline generate</c> writes it.</summary>
public sealed class Topology
{
    private readonly ILookup<string, string> _consumers;
    private readonly Readers _readers;

    private Topology(
        IReadOnlyList<TopologyConsumer> consumers,
        IReadOnlyList<string> topics,
        IReadOnlyList<string> queues,
        IReadOnlyList<string> containers,
        string database,
        Readers readers)
    {
        Database = database;
        _readers = readers;
        Containers = containers;
        Consumers = consumers;
        Topics = topics;
        Queues = queues;
        _consumers = consumers.SelectMany(c => c.Types, (c, type) => (c.Name, type)).ToLookup(c => c.type, c => c.Name, StringComparer.Ordinal);
    }

    /// <summary>Every consumer.</summary>
    public IReadOnlyList<TopologyConsumer> Consumers { get; }

    /// <summary>The Service Bus topics.</summary>
    public IReadOnlyList<string> Topics { get; }

    /// <summary>The Service Bus queues.</summary>
    public IReadOnlyList<string> Queues { get; }

    /// <summary>Gets the Cosmos DB database. Default: <c>pipeline</c>.</summary>
    public string Database { get; }

    /// <summary>Gets the Cosmos DB containers, but for that of the leases.</summary>
    public IReadOnlyList<string> Containers { get; }

    /// <summary>
    /// The consumers that read a field of a type, or what is in it, as their own records tell (<see cref="Readers"/>);
    /// <c>$</c> for all that get the type.
    /// </summary>
    public IEnumerable<string> ReadersOf(string type, string path) => _consumers[type].Where(consumer => _readers.Reads(consumer, type, path));

    /// <summary>Reads the topology that is embedded in an assembly as <c>topology.json</c>, together with <c>readers.txt</c>.</summary>
    /// <param name="assembly">The assembly of the contracts.</param>
    /// <param name="contracts">The contracts, whose destinations determine what a queue receives.</param>
    /// <exception cref="InvalidOperationException">A resource is missing.</exception>
    public static Topology In(Assembly assembly, IReadOnlyList<Contract> contracts)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return Read(BytesOf(assembly, "topology.json"), contracts, Readers.Read(Encoding.UTF8.GetString(BytesOf(assembly, "readers.txt"))));
    }

    /// <summary>Reads such a file.</summary>
    /// <param name="utf8">The file.</param>
    /// <param name="contracts">The contracts, whose destinations say what comes by a queue.</param>
    /// <param name="readers">Which fields the consumers read.</param>
    public static Topology Read(ReadOnlyMemory<byte> utf8, IReadOnlyList<Contract> contracts, Readers readers)
    {
        using var document = JsonDocument.Parse(utf8);
        var bus = document.RootElement.GetProperty("serviceBus");
        var consumers = new List<TopologyConsumer>();
        var topics = new List<string>();
        foreach (var topic in bus.GetProperty("topics").EnumerateArray())
        {
            topics.Add(NameOf(topic));
            consumers.AddRange(topic.GetProperty("subscriptions").EnumerateArray()
                .Select(s => new TopologyConsumer($"{NameOf(topic)}/{NameOf(s)}", TypesOf(s), IsByEventGrid: false, HasSessions(s))));
        }

        // An Event Grid subscription delivers to a function; the queue of the same name only delivers its replays.
        var byEventGrid = document.RootElement.GetProperty("eventGrid").GetProperty("subscriptions").EnumerateArray()
            .Where(s => s.TryGetProperty("function", out _))
            .ToDictionary(s => s.GetProperty("function").GetString()!, TypesOf, StringComparer.Ordinal);
        var sessions = bus.GetProperty("queues").EnumerateArray().ToDictionary(NameOf, HasSessions, StringComparer.Ordinal);
        List<string> queues = [.. bus.GetProperty("queues").EnumerateArray().Select(NameOf)];
        consumers.AddRange(queues.Where(q => !byEventGrid.ContainsKey(q))
            .Select(q => (Name: q, Types: contracts.Where(c => c.Destination == q && !c.IsEvent).Select(c => c.Type)))
            .Select(q => new TopologyConsumer(q.Name, [.. q.Types], IsByEventGrid: false, sessions[q.Name])));
        consumers.AddRange(byEventGrid.Select(s => new TopologyConsumer(s.Key, s.Value, IsByEventGrid: true)));
        var cosmos = document.RootElement.GetProperty("cosmos");
        var database = cosmos.TryGetProperty("database", out var name) ? name.GetString()! : "pipeline";
        return new Topology(consumers, topics, queues, [.. cosmos.GetProperty("containers").EnumerateArray().Select(NameOf)], database, readers);
    }

    private static byte[] BytesOf(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"'{assembly.GetName().Name}' has no embedded resource '{resource}': add it to the project as <EmbeddedResource> with that LogicalName.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static bool HasSessions(JsonElement entity) =>
        !entity.TryGetProperty("requiresSession", out var sessions) || sessions.GetBoolean();

    private static string NameOf(JsonElement entity) => entity.GetProperty("name").GetString()!;

    private static IReadOnlyList<string> TypesOf(JsonElement subscription) => [.. subscription.GetProperty("types").EnumerateArray().Select(t => t.GetString()!)];
}
