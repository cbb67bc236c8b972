using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>What a client asks of an entity.</summary>
internal sealed class ManagementRequest
{
    private readonly ClientSession _client;
    private readonly AmqpMap _map;
    private readonly string? _linkName;
    private readonly ArraySegment<byte> _transactionId;

    /// <exception cref="ArgumentException">The message is no request.</exception>
    public ManagementRequest(ClientSession client, string path, AmqpMessage message)
    {
        (_client, Path) = (client, path);
        Operation = message.ApplicationProperties?.Map["operation"] as string ?? throw new ArgumentException("The request has no application property 'operation'.");
        _linkName = message.ApplicationProperties!.Map["associated-link-name"] as string;
        _transactionId = message.TxnId;
        _map = message.ValueBody?.Value as AmqpMap ?? throw new ArgumentException("The body of the request is no map.");
    }

    public string Path { get; }

    public string Operation { get; }

    /// <summary>The session that it names; <see langword="null"/>: none.</summary>
    public string? SessionId => Optional<string>("session-id");

    /// <summary>The transaction that it is part of.</summary>
    public BrokerTransaction? Transaction => _client.Client.Transaction(_transactionId, _client, Path)?.Operations;

    /// <summary>The lock of the session that it names; <see langword="null"/> if it names none.</summary>
    /// <exception cref="BrokerException">The client does not hold that session.</exception>
    public SessionLock? Session => SessionId is { } sessionId ? _client.Client.SessionOf(Path, sessionId, _linkName) : null;

    /// <exception cref="ArgumentException">It is missing, or of another type.</exception>
    public T Required<T>(string name) =>
        _map[new MapKey(name)] is null ? throw new ArgumentException($"The request '{Operation}' has no '{name}'.") : Optional<T>(name)!;

    /// <exception cref="ArgumentException">It is of another type.</exception>
    public T? Optional<T>(string name) => _map[new MapKey(name)] switch
    {
        null => default,
        T value => value,
        var other => throw new ArgumentException($"'{name}' of the request '{Operation}' is a {other.GetType().Name}; a {typeof(T).Name} is expected."),
    };

    /// <summary>A list or array of values.</summary>
    /// <exception cref="ArgumentException">It is missing, of another type, or too long.</exception>
    public IReadOnlyList<T> List<T>(string name, int max = 10_000)
    {
        var values = _map[new MapKey(name)] is System.Collections.IEnumerable items and not string ? items.Cast<object>().OfType<T>().Take(max + 1).ToList() : [];
        return values.Count > 0 && values.Count <= max
            ? values
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"'{name}' of the request '{Operation}' is no list of 1 to {max} {typeof(T).Name}s."));
    }

    /// <summary>A map within the request.</summary>
    public ManagementRequest Within(AmqpMap map) => new(this, map);

    private ManagementRequest(ManagementRequest whole, AmqpMap map) =>
        (_client, Path, Operation, _linkName, _transactionId, _map) = (whole._client, whole.Path, whole.Operation, whole._linkName, whole._transactionId, map);

    /// <summary>Properties of a message to change.</summary>
    public Dictionary<string, object>? Properties(string name) => Optional<AmqpMap>(name) is { } map ? AmqpValues.ToProperties(map) : null;
}
