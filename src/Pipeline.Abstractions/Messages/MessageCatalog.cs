using System.Collections.Frozen;
using Pipeline.Contracts;

namespace Pipeline.Messages;

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

    /// <summary>Builds the catalog of contracts.</summary>
    /// <param name="contracts">The contracts, in all versions that are sent or read.</param>
    /// <param name="schemaAddress">
    /// Where their schemas are served, with a slash at the end: events name it as <c>dataschema</c>. <see langword="null"/> leaves that out.
    /// </param>
    /// <exception cref="ArgumentException">A name or data type is listed twice, or versions do not fit together.</exception>
    public static MessageCatalog Of(IEnumerable<Contract> contracts, Uri? schemaAddress = null)
    {
        ArgumentNullException.ThrowIfNull(contracts);
        return new(contracts.Select(contract => MessageType.Of(contract, schemaAddress)));
    }

    /// <summary>All message types.</summary>
    public IEnumerable<MessageType> All => _byName.Values;

    /// <summary>The message type of that CloudEvents type, or <see langword="null"/>.</summary>
    public MessageType? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The version that a message's upcaster makes of it; <see langword="null"/> for the newest one.</summary>
    internal MessageType? NextOf(MessageType type) => type.Upcast is { } upcast ? _byDataType[upcast.To] : null;

    /// <summary>Data of one version as that of a later one.</summary>
    internal object Upcast(MessageType from, MessageType to, object data)
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
        if (what == "Downcast" && type.Kind != MessageKind.Event)
            throw new ArgumentException($"'{type.Name}' is not an event: it has no sequence by which its receiver could tell that two versions of it are one.");
        if (what == "Downcast" && other.Retired)
            throw new ArgumentException($"'{type.Name}' is published as '{other.Name}' too, which is retired: remove the downcast before.");
    }

    private static int VersionOf(string name) => int.TryParse(name.AsSpan(name.LastIndexOf(".v", StringComparison.Ordinal) + 2), CultureInfo.InvariantCulture, out var version) ? version : 0;

    /// <summary>The message type that a data record stands for; <see langword="null"/> if it is in no catalog.</summary>
    internal MessageType? TypeOf(object data) => _byDataType.GetValueOrDefault(data.GetType());

    /// <summary>The message type that a data record stands for.</summary>
    /// <exception cref="ArgumentException">The record is in no catalog.</exception>
    public MessageType Of(object data) =>
        _byDataType.TryGetValue(data.GetType(), out var type)
            ? type
            : throw new ArgumentException($"'{data.GetType()}' is not in the message catalog; add it before it is published.", nameof(data));
}
