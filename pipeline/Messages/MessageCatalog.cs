using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Messages;

/// <summary>What a message means to those who get it.</summary>
public enum MessageKind
{
    /// <summary>Something that happened: published to its service's topic, read by whoever subscribes, sequenced per subject.</summary>
    Fact,

    /// <summary>An instruction to one receiver, sent to its queue. Has no sequence.</summary>
    Command,

    /// <summary>The answer to a command, sent to the asker's queue. Has no sequence.</summary>
    Reply,
}

/// <summary>One version of one message, as the pipeline needs to know it.</summary>
public sealed record MessageType
{
    /// <summary>The CloudEvents <c>type</c>, reverse DNS with version, such as <c>com.contoso.ordering.order-placed.v1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The record that carries the data.</summary>
    public required Type DataType { get; init; }

    /// <summary>What the message means.</summary>
    public required MessageKind Kind { get; init; }

    /// <summary>The topic of a fact, or the queue of a command or reply.</summary>
    public required string Destination { get; init; }

    /// <summary>Whether a fact is published to the Event Grid topic as well.</summary>
    public bool IsPublic { get; init; }

    /// <summary>
    /// The ordering key, from the data: for a fact the partition that it comes from, for a command or reply the
    /// partition of the receiver. It becomes the Service Bus session.
    /// </summary>
    public required Func<object, string> Key { get; init; }

    /// <summary>Source-generated metadata to read and write the data.</summary>
    public required JsonTypeInfo Json { get; init; }

    /// <summary>The CloudEvents <c>dataschema</c>, an absolute URI; <see langword="null"/> leaves it out.</summary>
    public Uri? DataSchema { get; init; }

    /// <summary>A retired version is still read, but the relay refuses (parks) what would publish it.</summary>
    public bool Retired { get; init; }

    /// <summary>Checks the data beyond what deserialization enforces; returns what is wrong, or <see langword="null"/>.</summary>
    public Func<object, string?>? Validate { get; init; }

    /// <summary>
    /// As <see cref="Validate"/>, of a consumer's own record, whose metadata is given: only what that has. Throws if the record
    /// does not fit the message at all. <see langword="null"/> checks nothing.
    /// </summary>
    public Func<object, JsonTypeInfo, string?>? ValidateView { get; init; }

    /// <summary>Says what was wrong with data that could not be deserialized, as <c>path: what</c>; <see langword="null"/> for as the serializer says it.</summary>
    public Func<JsonException, string>? Explain { get; init; }

    /// <summary>
    /// How this version's data becomes that of the next one, whose record is named: for consumers that handle that one. Pure.
    /// <see langword="null"/> if there is none.
    /// </summary>
    public (Type To, Func<object, object> Map)? Upcast { get; init; }

    /// <summary>
    /// How this version's data is published as that of the version before too, whose record is named: both have one
    /// sequence. Pure; throws <see cref="ArgumentException"/> where the older version cannot say it. <see langword="null"/>
    /// publishes this version only. Only for facts.
    /// </summary>
    public (Type To, Func<object, object> Map)? Downcast { get; init; }

    /// <summary>What follows the last full stop of its name: <c>v1</c>.</summary>
    internal string Version => Name[(Name.LastIndexOf('.') + 1)..];
}

/// <summary>All messages that an application sends or reads.</summary>
public sealed class MessageCatalog
{
    private readonly FrozenDictionary<string, MessageType> _byName;
    private readonly FrozenDictionary<Type, MessageType> _byDataType;

    /// <summary>Builds the catalog.</summary>
    /// <exception cref="ArgumentException">A name or data type is listed twice, or versions do not fit together.</exception>
    public MessageCatalog(IEnumerable<MessageType> types)
    {
        var list = types.ToList();
        if (list.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } name)
            throw new ArgumentException($"The message type '{name.Key}' is in the catalog twice.", nameof(types));
        if (list.GroupBy(t => t.DataType).FirstOrDefault(g => g.Count() > 1) is { } data)
            throw new ArgumentException($"'{data.Key}' carries two message types; each version needs a record of its own.", nameof(types));
        _byName = list.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);
        _byDataType = list.ToFrozenDictionary(t => t.DataType);
        foreach (var type in list)
        {
            if (type.Upcast is { } up)
                ThrowIfUnfit(type, up.To, "Upcast");
            if (type.Downcast is { } down)
                ThrowIfUnfit(type, down.To, "Downcast");
        }
    }

    /// <summary>All message types.</summary>
    public IEnumerable<MessageType> All => _byName.Values;

    /// <summary>The message type of that CloudEvents type, or <see langword="null"/>.</summary>
    public MessageType? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The version as which a consumer gets a message: itself, or the one that upcasters make of it; <see langword="null"/> if the consumer handles none of them.</summary>
    internal MessageType? HandledAs(Consumers.Consumer consumer, MessageType type)
    {
        for (var version = type; ; version = _byDataType[version.Upcast.Value.To])
        {
            if (consumer.CanHandle(version.DataType) || version.Upcast is null)
                return consumer.CanHandle(version.DataType) ? version : null;
        }
    }

    /// <summary>Data of one version as that of a later one.</summary>
    internal object Lift(MessageType from, MessageType to, object data)
    {
        for (var version = from; version != to; version = _byDataType[version.Upcast.Value.To])
            data = version.Upcast!.Value.Map(data);
        return data;
    }

    /// <summary>What is published of some data: itself first, then the older versions that are still published.</summary>
    internal IEnumerable<(MessageType Type, object Data)> VersionsOf(object data)
    {
        for (var type = Of(data); ; type = Of(data))
        {
            yield return (type, data);
            if (type.Downcast is not { } down)
                yield break;
            data = down.Map(data);
        }
    }

    /// <summary>The versions of a message other than the named one; empty if nothing of that name is known.</summary>
    internal IEnumerable<MessageType> OtherVersionsOf(string name)
    {
        var stem = StemOf(name);
        return stem.Length == 0 ? [] : _byName.Values.Where(t => t.Name != name && StemOf(t.Name) == stem).OrderBy(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>The name without its version, <c>.v</c> and a number; empty if it has none.</summary>
    private static string StemOf(string name)
    {
        var dot = name.LastIndexOf(".v", StringComparison.Ordinal);
        return dot > 0 && dot + 2 < name.Length && name.AsSpan(dot + 2).IndexOfAnyExceptInRange('0', '9') < 0 ? name[..dot] : "";
    }

    private void ThrowIfUnfit(MessageType type, Type to, string what)
    {
        if (!_byDataType.TryGetValue(to, out var other))
            throw new ArgumentException($"{what} of '{type.Name}' makes a '{to}', which is not in the catalog.");
        var isNewer = VersionOf(other.Name) > VersionOf(type.Name);
        if (StemOf(type.Name).Length == 0 || StemOf(other.Name) != StemOf(type.Name) || isNewer != (what == "Upcast") || other.Kind != type.Kind || other.Destination != type.Destination)
            throw new ArgumentException($"{what} of '{type.Name}' makes a '{other.Name}', which has to be a {(what == "Upcast" ? "later" : "earlier")} version of the same message, of the same kind and destination.");
        if (what == "Downcast" && type.Kind != MessageKind.Fact)
            throw new ArgumentException($"'{type.Name}' is no fact: it has no sequence by which its receiver could tell that two versions of it are one.");
        if (what == "Downcast" && other.Retired)
            throw new ArgumentException($"'{type.Name}' is published as '{other.Name}' too, which is retired: remove the downcast before.");
    }

    private static int VersionOf(string name) => int.TryParse(name.AsSpan(name.LastIndexOf(".v", StringComparison.Ordinal) + 2), CultureInfo.InvariantCulture, out var version) ? version : 0;

    /// <summary>The message type that a data record stands for.</summary>
    /// <exception cref="ArgumentException">The record is in no catalog: a bug at the source, reported before anything is written.</exception>
    public MessageType Of(object data) =>
        _byDataType.TryGetValue(data.GetType(), out var type)
            ? type
            : throw new ArgumentException($"'{data.GetType()}' is not in the message catalog; add it before it is published.", nameof(data));
}
