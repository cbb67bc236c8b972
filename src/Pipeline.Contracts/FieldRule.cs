using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Contracts;

/// <summary>The declarations of one field, the source of schema and run-time check.</summary>
internal sealed class FieldRule
{
    private static readonly HashSet<Type> Scalars = [typeof(string), typeof(bool), typeof(int), typeof(long), typeof(decimal), typeof(DateTimeOffset)];

    private const string Usable = "string, bool, int, long, decimal, DateTimeOffset, a record, or an IReadOnlyList of one of them";

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
                throw new NotSupportedException($"{where} is a '{field.PropertyType}', which contracts cannot have: use {InPlaceOf(ItemType)}{Usable}.");
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

    /// <summary>What is nearest to a type that contracts cannot have, with its colon; empty if nothing is.</summary>
    private static string InPlaceOf(Type type) =>
        type == typeof(DateOnly) ? "for a day: [Day] string; else "
        : type == typeof(DateTime) ? "for a time: DateTimeOffset; else "
        : type == typeof(float) || type == typeof(double) ? "for a number: decimal; else "
        : type == typeof(Guid) ? "for an id: [Text] string; else "
        : type.IsEnum ? "for one of some words: [OneOf] string; else "
        : "";

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
