using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Contracts;

/// <summary>What is wrong where, told from the inside out: every level puts its own step before the path.</summary>
internal readonly record struct Wrong(string Path, string What);

/// <summary>Checks the records of one type. The declarations are read once; a check costs delegate calls.</summary>
internal sealed class RecordCheck
{
    private const int MostDepth = 8;

    private readonly FieldCheck[] _fields;

    internal RecordCheck(FieldCheck[] fields) => _fields = fields;

    /// <exception cref="NotSupportedException">A field's type is none that contracts may have, or nothing limits it.</exception>
    public static RecordCheck Of(JsonTypeInfo record, int depth = 1)
    {
        RefuseDeeperThanAllowed(record, depth);
        if (record.Kind != JsonTypeInfoKind.Object)
            throw new NotSupportedException($"'{record.Type}' is no record; the data of a contract is an object.");
        return new RecordCheck([.. record.Properties.Select(p => (Field: p, Rule: new FieldRule(p)))
            .Select(p => new FieldCheck(p.Field, p.Rule, p.Rule.Record is null ? null : Of(p.Rule.Record, depth + 1)))]);
    }

    /// <summary>Ends the descent into a record that contains itself.</summary>
    internal static void RefuseDeeperThanAllowed(JsonTypeInfo record, int depth)
    {
        if (depth > MostDepth)
            throw new NotSupportedException($"'{record.Type}' contains itself, or lies more than {MostDepth} records deep; contracts cannot do that.");
    }

    public string? WhatIsWrongWith(object data) => Check(data) is { } wrong ? $"${wrong.Path}: {wrong.What}" : null;

    internal Wrong? Check(object data)
    {
        foreach (var field in _fields)
        {
            if (field.Check(data) is { } wrong)
                return wrong;
        }

        return null;
    }
}

/// <summary>What is declared about one field; both schema and run-time check are made of it.</summary>
internal sealed class FieldRule
{
    private static readonly HashSet<Type> Scalars = [typeof(string), typeof(bool), typeof(int), typeof(long), typeof(decimal), typeof(DateTimeOffset)];

    public FieldRule(JsonPropertyInfo field)
    {
        var where = $"'{field.Name}' of '{field.DeclaringType}'";
        var type = Nullable.GetUnderlyingType(field.PropertyType) ?? field.PropertyType;
        var options = field.Options;
        IsList = IsListType(type, out var item);
        ItemType = item ?? type;
        Items = Declared<ItemsAttribute>(field).SingleOrDefault();
        Constraint = Declared<ConstraintAttribute>(field) is [var only] ? only : null;
        if (Declared<ConstraintAttribute>(field).Count > 1)
            throw new NotSupportedException($"{where} has several constraints; one has to say it all.");
        if (IsList != Items is not null)
            throw new NotSupportedException(IsList ? $"{where} is a list and needs [Items(min, max)]." : $"{where} is no list and cannot have [Items].");
        if (!Scalars.Contains(ItemType))
        {
            if (IsListType(ItemType, out _) || Nullable.GetUnderlyingType(ItemType) is not null || options.GetTypeInfo(ItemType) is not { Kind: JsonTypeInfoKind.Object } record)
                throw new NotSupportedException($"{where} is a '{field.PropertyType}', which contracts cannot have: use {string.Join(", ", Scalars.Select(t => t.Name))}, a record, or an IReadOnlyList of one of them.");
            Record = record;
        }

        var wanted = ItemType == typeof(string) ? "[Text], [OneOf] or [Day]" : ItemType == typeof(int) || ItemType == typeof(long) || ItemType == typeof(decimal) ? "[Number]" : null;
        var fits = wanted is null ? Constraint is null : Constraint is not null && (Constraint is NumberAttribute) == (ItemType != typeof(string));
        if (!fits)
            throw new NotSupportedException(wanted is null ? $"{where} cannot have {Constraint!.GetType().Name}." : $"{where} needs {wanted}: nothing in a contract is without limits.");
    }

    public bool IsList { get; }

    /// <summary>The type of the items of a list, else of the field; never nullable.</summary>
    public Type ItemType { get; }

    public ItemsAttribute? Items { get; }

    public ConstraintAttribute? Constraint { get; }

    /// <summary>The record that the field or its items are; <see langword="null"/> for a scalar.</summary>
    public JsonTypeInfo? Record { get; }

    private static List<TAttribute> Declared<TAttribute>(JsonPropertyInfo field)
        where TAttribute : Attribute
    {
        IEnumerable<ICustomAttributeProvider?> places = [field.AttributeProvider, field.AssociatedParameter?.AttributeProvider];
        return [.. places.SelectMany(p => p?.GetCustomAttributes(typeof(TAttribute), inherit: true) ?? []).Cast<TAttribute>().DistinctBy(a => a.GetType())];
    }

    internal static bool IsListType(Type type, out Type? item)
    {
        item = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;
        return item is not null;
    }
}

/// <summary>Checks one field of a record.</summary>
internal sealed class FieldCheck
{
    private readonly string _step;
    private readonly bool _isNullable;
    private readonly Func<object, object?> _get;
    private readonly ConstraintAttribute? _constraint;
    private readonly ItemsAttribute? _items;
    private readonly RecordCheck? _record;

    /// <param name="field">How the value is got.</param>
    /// <param name="rule">What was declared about it.</param>
    /// <param name="record">The check of the record that the field or its items are; <see langword="null"/> for a scalar.</param>
    public FieldCheck(JsonPropertyInfo field, FieldRule rule, RecordCheck? record)
    {
        _step = "." + field.Name;
        _isNullable = field.IsGetNullable;
        _get = field.Get ?? throw new NotSupportedException($"'{field.Name}' of '{field.DeclaringType}' cannot be read.");
        _constraint = rule.Constraint;
        _items = rule.Items;
        _record = record;
    }

    public Wrong? Check(object record)
    {
        var value = _get(record);
        if (value is null)
            return _isNullable ? null : new Wrong(_step, "is null");
        if (_items is null)
            return One(value) is { } wrong ? new Wrong(_step + wrong.Path, wrong.What) : null;
        var list = value as IList ?? ((IEnumerable)value).Cast<object?>().ToList();
        if (_items.WhatIsWrongWith(list.Count) is { } count)
            return new Wrong(_step, count);
        for (var i = 0; i < list.Count; i++)
        {
            if ((list[i] is { } item ? One(item) : new Wrong("", "is null")) is { } wrong)
                return new Wrong(string.Create(CultureInfo.InvariantCulture, $"{_step}[{i}]{wrong.Path}"), wrong.What);
        }

        return null;
    }

    private Wrong? One(object value)
    {
        if (_record is not null)
            return _record.Check(value);
        return _constraint?.WhatIsWrongWith(value) is { } wrong ? new Wrong("", wrong) : null;
    }
}
