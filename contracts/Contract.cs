using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Contracts;

/// <summary>One version of one integration event, command or reply. Immutable; safe to share.</summary>
public abstract class Contract
{
    private readonly Lazy<RecordCheck> _check;
    private readonly ConcurrentDictionary<Type, ContractView> _views = new();

    private protected Contract(string type, ContractKind kind, string destination, JsonTypeInfo json, string subjectRule, bool isPublic)
    {
        IsPublic = isPublic;
        Type = type;
        Kind = kind;
        Destination = destination;
        Json = json;
        SubjectRule = subjectRule;
        if (isPublic && !IsFact)
            throw new ArgumentException($"'{type}' is no fact; only facts are public.", nameof(isPublic));
        if (TypeError(type) is { } error)
            throw new ArgumentException(error, nameof(type));
        var parts = type.Split('.');
        (Owner, Name, Version) = (parts[^3], parts[^2], int.Parse(parts[^1].AsSpan(1), CultureInfo.InvariantCulture));
        _check = new Lazy<RecordCheck>(() => RecordCheck.Of(json));
    }

    /// <summary>What is wrong with the name of a type; <see langword="null"/> if nothing is.</summary>
    internal static string? TypeError(string type)
    {
        var parts = type.Split('.');
        return parts.Length < 4
            || parts.Any(p => p.Length == 0 || p.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-'))
            || parts[^1][0] != 'v'
            || !int.TryParse(parts[^1].AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            || version < 1
            ? $"'{type}' is no type name; write it as reverse DNS, owner, name and version, such as 'com.contoso.ordering.order-placed.v1'."
            : null;
    }

    /// <summary>The CloudEvents <c>type</c>: reverse DNS with version (CloudEvents primer, "Versioning of CloudEvents").</summary>
    public string Type { get; }

    /// <summary>The service that this contract belongs to: it may change it. Part of the type.</summary>
    public string Owner { get; }

    /// <summary>What happened or is to be done, such as <c>order-placed</c>. Part of the type.</summary>
    public string Name { get; }

    /// <summary>1 or more. Part of the type.</summary>
    public int Version { get; }

    /// <summary>What it means.</summary>
    public ContractKind Kind { get; }

    /// <summary>Whether it is something that happened, published to a topic, rather than a command or reply.</summary>
    public bool IsFact => Kind is not (ContractKind.Command or ContractKind.Reply);

    /// <summary>The topic of a fact; the receiver's queue of a command or reply.</summary>
    public string Destination { get; }

    /// <summary>The record with its data.</summary>
    public Type DataType => Json.Type;

    /// <summary>Whether it is published to the Event Grid topic too, where partners and order-free consumers get it.</summary>
    public bool IsPublic { get; }

    /// <summary>How the data is read and written.</summary>
    public JsonTypeInfo Json { get; }

    /// <summary>How data of this version becomes that of the next one, for consumers that know only that; <see langword="null"/> for the newest version.</summary>
    public (Type To, Func<object, object> Map)? Upcast { get; private protected set; }

    /// <summary>
    /// How data of this version is published as that of the one before too, with the same sequence, while somebody reads
    /// that; <see langword="null"/> if it is not.
    /// </summary>
    public (Type To, Func<object, object> Map)? Downcast { get; private protected set; }

    /// <summary>Whether it is published no more: the relay refuses it. It is still read, out of ledgers and replays.</summary>
    public bool IsRetired { get; private protected set; }

    /// <summary>
    /// What <see cref="KeyOf"/> does, in words: a text with the fields that it is made of in braces, such as
    /// <c>sku-{sku}</c>; <c>{day:compact}</c> is the field without its hyphens. A test holds the two against each other.
    /// </summary>
    public string SubjectRule { get; }

    /// <summary>The JSON Schema (dialect 2020-12), as it is kept in git. Its <c>$id</c> is relative; see <see cref="SchemaAt"/>.</summary>
    /// <exception cref="InvalidOperationException">The contract is new, and nobody has written its schema yet.</exception>
    public string Schema => StoredSchemas.Find(Type)
        ?? throw new InvalidOperationException($"'{Type}' has no schema in contracts/schemas; '{ContractFiles.GenerateCommand}' writes it.");

    /// <summary>What it says, for people.</summary>
    public string Description => StoredSchemas.DescriptionOf(Type) ?? "";

    /// <summary>The address of the schema, for <c>dataschema</c>.</summary>
    /// <param name="address">Where the schemas are served: the address of the pipeline, with a slash at the end.</param>
    public Uri SchemaAddress(Uri address) => new(address, StoredSchemas.PathOf(Type));

    /// <summary>The schema as it is served: its <c>$id</c> is the address that it has there.</summary>
    public string SchemaAt(Uri address) =>
        Schema.Replace($"\"$id\": \"/{StoredSchemas.PathOf(Type)}\"", $"\"$id\": \"{SchemaAddress(address).AbsoluteUri}\"", StringComparison.Ordinal);

    /// <summary>The ordering key of some data: the subject of a fact, the receiver's partition of a command or reply.</summary>
    public abstract string KeyOf(object data);

    /// <summary>
    /// What is wrong with some data, as <c>path: what</c> (<c>$.lines[0].quantity: 0 is not between 1 and 1000000</c>);
    /// <see langword="null"/> if nothing is. No reflection: the rules are read once per type.
    /// </summary>
    public string? WhatIsWrongWith(object data) => _check.Value.WhatIsWrongWith(data);

    /// <summary>The consumer's own record <paramref name="view"/> against this contract; made once.</summary>
    /// <exception cref="InvalidOperationException">It reads what the contract does not have, or as something else than it is.</exception>
    public ContractView ViewOf(JsonTypeInfo view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return _views.GetOrAdd(view.Type, static (_, of) => ContractView.Of(of.Contract, of.View), (Contract: this, View: view));
    }

    /// <summary>What was wrong with data that could not be deserialized, as this contract or as a view of it: <c>path: what</c>.</summary>
    public string Explain(JsonException error) => ReadErrors.Explain(error, Json);

    /// <summary>Reads some data and checks it. Fields that the contract does not know are passed over.</summary>
    /// <param name="utf8">The data, UTF-8 JSON.</param>
    /// <param name="data">The record; <see langword="null"/> if something is wrong.</param>
    /// <returns>What is wrong, as <c>path: what</c>; <see langword="null"/> if nothing is.</returns>
    public string? TryRead(ReadOnlySpan<byte> utf8, out object? data)
    {
        data = null;
        object? read;
        try
        {
            read = JsonSerializer.Deserialize(utf8, Json);
        }
        catch (JsonException e)
        {
            return Explain(e);
        }

        if (read is null)
            return "$: is null, not an object";
        if (WhatIsWrongWith(read) is { } wrong)
            return wrong;
        data = read;
        return null;
    }
}

/// <summary>One version of one message, with its data type.</summary>
public sealed class Contract<T> : Contract
    where T : class
{
    private readonly Func<T, string> _key;

    internal Contract(string type, ContractKind kind, string destination, JsonTypeInfo<T> json, string subjectRule, Func<T, string> key, bool isPublic = false)
        : base(type, kind, destination, json, subjectRule, isPublic) => _key = key;

    /// <inheritdoc/>
    public override string KeyOf(object data) => _key((T)data);

    internal Contract<T> UpcastTo<TNext>(Func<T, TNext> map)
        where TNext : class
    {
        Upcast = (typeof(TNext), data => map((T)data));
        return this;
    }

    internal Contract<T> DowncastTo<TBefore>(Func<T, TBefore> map)
        where TBefore : class
    {
        Downcast = (typeof(TBefore), data => map((T)data));
        return this;
    }

    internal Contract<T> Retired()
    {
        IsRetired = true;
        return this;
    }
}
