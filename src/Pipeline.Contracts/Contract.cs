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
        if (isPublic && !IsEvent)
            throw new ArgumentException($"'{type}' is not an event; only events are public.", nameof(isPublic));
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
        var broken = new List<string>();
        if (parts.FirstOrDefault(p => p.Any(char.IsAsciiLetterUpper)) is { } upper)
            broken.Add($"'{upper}' is not in lower case");
        else if (parts.FirstOrDefault(p => p.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')) is { } odd)
            broken.Add($"'{odd}' has other characters than lower-case letters, digits and hyphens");
        if (parts.Any(p => p.Length == 0))
            broken.Add("there is nothing between two dots, or before or behind one");
        if (!parts[^1].StartsWith('v') || !int.TryParse(parts[^1].AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version < 1)
            broken.Add("it does not end with a version such as .v1");
        else if (parts.Length < 4)
            broken.Add("it has fewer than four parts");
        return broken.Count == 0
            ? null
            : $"'{type}' is no type name: {string.Join(", and ", broken)}. Write it as reverse DNS, owner, name and version, such as 'com.contoso.ordering.order-placed.v1'.";
    }

    /// <summary>The CloudEvents <c>type</c>: reverse DNS with version (CloudEvents primer, "Versioning of CloudEvents").</summary>
    public string Type { get; }

    /// <summary>Gets the service that owns the contract. Part of the type.</summary>
    public string Owner { get; }

    /// <summary>Gets the name, such as <c>order-placed</c>. Part of the type.</summary>
    public string Name { get; }

    /// <summary>1 or more. Part of the type.</summary>
    public int Version { get; }

    /// <summary>Gets the kind.</summary>
    public ContractKind Kind { get; }

    /// <summary>Whether it is an event, published to a topic, rather than a command or reply.</summary>
    public bool IsEvent => Kind.IsEvent();

    /// <summary>Gets the topic of an event, or the receiver's queue of a command or reply.</summary>
    public string Destination { get; }

    /// <summary>The record with its data.</summary>
    public Type DataType => Json.Type;

    /// <summary>Whether it is published to the Event Grid topic too, where partners and unordered consumers receive it.</summary>
    public bool IsPublic { get; }

    /// <summary>How the data is read and written.</summary>
    public JsonTypeInfo Json { get; }

    /// <summary>Gets the conversion of data into the next version, for consumers of that version; <see langword="null"/> for the newest version.</summary>
    public (Type To, Func<object, object> Map)? Upcast { get; private protected set; }

    /// <summary>
    /// Gets the conversion of data into the previous version, which is published too, with the same sequence, while it has
    /// readers; <see langword="null"/> if it is not.
    /// </summary>
    public (Type To, Func<object, object> Map)? Downcast { get; private protected set; }

    /// <summary>Whether it is no longer published: the relay quarantines it. It is still read, from dead letters and replays.</summary>
    public bool IsRetired { get; private protected set; }

    /// <summary>
    /// Gets the rule of <see cref="KeyOf"/> as text, with its fields in braces, such as
    /// <c>sku-{sku}</c>; <c>{day:compact}</c> is the field without its hyphens. A test compares the two.
    /// </summary>
    public string SubjectRule { get; }

    /// <summary>The JSON Schema (dialect 2020-12), as stored in git and embedded in the assembly of the record. Its <c>$id</c> is relative; see <see cref="SchemaAt"/>.</summary>
    /// <exception cref="InvalidOperationException">The contract is new and has no stored schema yet.</exception>
    public string Schema => StoredSchemas.Find(DataType.Assembly, Type)
        ?? throw new InvalidOperationException($"'{Type}' has no schema in {ContractFiles.Schemas}. Write it with: {ContractFiles.GenerateCommand}");

    /// <summary>Gets the description.</summary>
    public string Description => StoredSchemas.DescriptionOf(DataType.Assembly, Type) ?? "";

    /// <summary>The address of the schema, for <c>dataschema</c>.</summary>
    /// <param name="address">Where the schemas are served: the address of the pipeline, with a slash at the end.</param>
    public Uri SchemaAddress(Uri address) => new(address, StoredSchemas.PathOf(Type));

    /// <summary>Gets the schema as served: its <c>$id</c> is its address.</summary>
    public string SchemaAt(Uri address) =>
        Schema.Replace($"\"$id\": \"/{StoredSchemas.PathOf(Type)}\"", $"\"$id\": \"{SchemaAddress(address).AbsoluteUri}\"", StringComparison.Ordinal);

    /// <summary>Gets the ordering key of data: the subject of an event, the receiver's partition of a command or reply.</summary>
    public abstract string KeyOf(object data);

    /// <summary>
    /// Gets the error of data, as <c>path: error</c> (<c>$.lines[0].quantity: 0 is not between 1 and 1000000</c>);
    /// <see langword="null"/> if it is valid. No reflection: the rules are read once per type.
    /// </summary>
    public string? WhatIsWrongWith(object data) => ViolationIn(data)?.ToString();

    /// <summary>Where and how some data breaks this contract; <see langword="null"/> if it does not. No reflection: the rules are read once per type.</summary>
    public ContractViolation? ViolationIn(object data) => _check.Value.ViolationIn(data);

    /// <summary>The consumer's own record <paramref name="view"/> against this contract; made once.</summary>
    /// <exception cref="InvalidOperationException">It has a field that the contract does not have, or of another type.</exception>
    public ContractView ViewOf(JsonTypeInfo view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return _views.GetOrAdd(view.Type, static (_, of) => ContractView.Of(of.Contract, of.View), (Contract: this, View: view));
    }

    /// <summary>Gets the error of data that could not be deserialized, as this contract or as a consumed message: <c>path: error</c>.</summary>
    public string Explain(JsonException error) => ViolationOf(error).ToString();

    /// <summary>Where and how data that could not be deserialized breaks this contract, or a view of it.</summary>
    public ContractViolation ViolationOf(JsonException error) => ReadErrors.Explain(error, Json);

    /// <summary>Reads data and checks it. Unknown fields are skipped.</summary>
    /// <param name="utf8">The data, UTF-8 JSON.</param>
    /// <param name="data">The record; <see langword="null"/> if it is invalid.</param>
    /// <returns>The error, as <c>path: error</c>; <see langword="null"/> if the data is valid.</returns>
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

    /// <summary>Creates the contract. <c>pipeline generate</c> writes the call.</summary>
    /// <param name="type">CloudEvents <c>type</c>: reverse DNS, owner, name, version.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="destination">The topic of an event, the receiver's queue of a command or reply.</param>
    /// <param name="json">How the data is read and written.</param>
    /// <param name="subjectRule">The rule of the ordering key as text; see <see cref="Contract.SubjectRule"/>.</param>
    /// <param name="key">The same rule as a function.</param>
    /// <param name="isPublic">Whether it is published to Event Grid too. Events only.</param>
    /// <exception cref="ArgumentException">The type is no type name, or a command or reply is public.</exception>
    public Contract(string type, ContractKind kind, string destination, JsonTypeInfo<T> json, string subjectRule, Func<T, string> key, bool isPublic = false)
        : base(type, kind, destination, json, subjectRule, isPublic) => _key = key;

    /// <inheritdoc/>
    public override string KeyOf(object data) => _key((T)data);

    /// <summary>Sets the conversion into the next version.</summary>
    public Contract<T> UpcastTo<TNext>(Func<T, TNext> map)
        where TNext : class
    {
        Upcast = (typeof(TNext), data => map((T)data));
        return this;
    }

    /// <summary>Sets the conversion into the previous version, which is published too while it has readers.</summary>
    public Contract<T> DowncastTo<TBefore>(Func<T, TBefore> map)
        where TBefore : class
    {
        Downcast = (typeof(TBefore), data => map((T)data));
        return this;
    }

    /// <summary>Marks the contract as no longer published.</summary>
    public Contract<T> Retired()
    {
        IsRetired = true;
        return this;
    }
}
