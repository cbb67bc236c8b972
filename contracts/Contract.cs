using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Contracts;

/// <summary>What a message means to those who get it.</summary>
public enum ContractKind
{
    /// <summary>Something that happened, published to its service's topic.</summary>
    Fact,

    /// <summary>An instruction to one receiver.</summary>
    Command,

    /// <summary>The answer to a command.</summary>
    Reply,
}

/// <summary>One version of one integration event, command or reply.</summary>
public abstract class Contract
{
    private protected Contract(string type, ContractKind kind, string destination, Type dataType, JsonTypeInfo json, bool isPublic)
    {
        if (isPublic && kind != ContractKind.Fact)
            throw new ArgumentException($"'{type}' is no fact; only facts are public.", nameof(isPublic));
        IsPublic = isPublic;
        Type = type;
        Kind = kind;
        Destination = destination;
        DataType = dataType;
        Json = json;
    }

    /// <summary>The CloudEvents <c>type</c>: reverse DNS with version (CloudEvents primer, "Versioning of CloudEvents").</summary>
    public string Type { get; }

    /// <summary>What it means.</summary>
    public ContractKind Kind { get; }

    /// <summary>The topic of a fact; the receiver's queue of a command or reply.</summary>
    public string Destination { get; }

    /// <summary>The record with its data.</summary>
    public Type DataType { get; }

    /// <summary>Whether it is published to the Event Grid topic too, where partners and order-free consumers get it.</summary>
    public bool IsPublic { get; }

    /// <summary>How the data is read and written.</summary>
    public JsonTypeInfo Json { get; }

    /// <summary>The ordering key of some data: the subject of a fact, the receiver's partition of a command or reply.</summary>
    public abstract string KeyOf(object data);

    /// <summary>What is wrong with some data, beyond its shape; <see langword="null"/> if nothing is.</summary>
    public abstract string? WhatIsWrongWith(object data);
}

/// <summary>One version of one message, with its data type.</summary>
public sealed class Contract<T> : Contract
    where T : class
{
    private readonly Func<T, string> _key;
    private readonly Func<T, string?>? _validate;

    internal Contract(
        string type, ContractKind kind, string destination, JsonTypeInfo<T> json, Func<T, string> key, Func<T, string?>? validate = null, bool isPublic = false)
        : base(type, kind, destination, typeof(T), json, isPublic)
    {
        _key = key;
        _validate = validate;
    }

    /// <inheritdoc/>
    public override string KeyOf(object data) => _key((T)data);

    /// <inheritdoc/>
    public override string? WhatIsWrongWith(object data) => _validate?.Invoke((T)data);
}
