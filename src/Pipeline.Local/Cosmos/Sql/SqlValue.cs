using System.Runtime.InteropServices;
using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A value of the query language. The default is undefined.</summary>
internal readonly struct SqlValue
{
    private readonly double _number;
    private readonly string? _text;
    private readonly JsonElement _json;

    private SqlValue(SqlType type, double number = 0, string? text = null, JsonElement json = default)
    {
        Type = type;
        _number = number;
        _text = text;
        _json = json;
    }

    public SqlType Type { get; }

    public static SqlValue Undefined => default;
    public static SqlValue Null => new(SqlType.Null);
    public static SqlValue True => new(SqlType.Boolean, 1);
    public static SqlValue False => new(SqlType.Boolean);

    public bool IsDefined => Type != SqlType.Undefined;
    public bool IsTrue => Type == SqlType.Boolean && _number != 0;
    public bool IsFalse => Type == SqlType.Boolean && _number == 0;
    public double Number => _number;
    public string Text => _text!;

    /// <summary>The array or object.</summary>
    public JsonElement Json => _json;

    public static SqlValue Of(bool value) => value ? True : False;
    public static SqlValue Of(double value) => new(SqlType.Number, value);
    public static SqlValue Of(string value) => new(SqlType.String, text: value);

    public static SqlValue Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => Null,
        JsonValueKind.True => True,
        JsonValueKind.False => False,
        // The element rides along so that the number is written as it was stored.
        JsonValueKind.Number => new(SqlType.Number, json.GetDouble(), json: json),
        JsonValueKind.String => new(SqlType.String, text: json.GetString()),
        JsonValueKind.Array => new(SqlType.Array, json: json),
        JsonValueKind.Object => new(SqlType.Object, json: json),
        _ => default,
    };

    /// <summary>What is left of a value in a result: numbers that are none (of 1 / 0, say) are left out.</summary>
    public SqlValue ForResult() => Type == SqlType.Number && !double.IsFinite(_number) ? Undefined : this;

    /// <summary>The same value without a hold on the document it came from; arrays and objects keep only their type.</summary>
    public SqlValue Detach() => new(Type, _number, _text);

    /// <summary>The same value on its own, arrays and objects included.</summary>
    public SqlValue Copy() => _json.ValueKind == JsonValueKind.Undefined ? this : new(Type, _number, _text, _json.Clone());

    /// <summary>Equality of the query language: undefined if one is, false between different types.</summary>
    public static SqlValue AreEqual(in SqlValue left, in SqlValue right) =>
        left.IsDefined && right.IsDefined ? Of(AreSame(left, right)) : Undefined;

    /// <summary>Tells whether two defined values are equal; arrays and objects by what they hold.</summary>
    public static bool AreSame(in SqlValue left, in SqlValue right) => left.Type == right.Type && left.Type switch
    {
        SqlType.Array => AreSameArrays(left._json, right._json),
        SqlType.Object => AreSameObjects(left._json, right._json),
        _ => Order(left, right) == 0,
    };

    /// <summary>How two scalars of the same type compare; <see langword="null"/> for anything else.</summary>
    public static int? Compare(in SqlValue left, in SqlValue right) =>
        left.Type == right.Type && left.Type is >= SqlType.Null and <= SqlType.String ? Order(left, right) : null;

    /// <summary>The total order of ORDER BY: by type, then by value; arrays are equal to one another, and so are objects.</summary>
    public static int Order(in SqlValue left, in SqlValue right)
    {
        if (left.Type != right.Type)
            return left.Type.CompareTo(right.Type);
        return left.Type switch
        {
            SqlType.Boolean or SqlType.Number => left._number.CompareTo(right._number),
            SqlType.String => string.CompareOrdinal(left._text, right._text),
            _ => 0,
        };
    }

    private static bool AreSameArrays(JsonElement left, JsonElement right)
    {
        if (left.GetArrayLength() != right.GetArrayLength())
            return false;
        var others = right.EnumerateArray();
        foreach (var element in left.EnumerateArray())
        {
            others.MoveNext();
            if (!AreSame(Of(element), Of(others.Current)))
                return false;
        }

        return true;
    }

    /// <summary>The order of properties does not matter.</summary>
    private static bool AreSameObjects(JsonElement left, JsonElement right)
    {
        if (left.GetPropertyCount() != right.GetPropertyCount())
            return false;
        var others = right.EnumerateObject();
        Dictionary<string, JsonElement>? byName = null;
        foreach (var property in left.EnumerateObject())
        {
            JsonElement other;
            if (byName is null && others.MoveNext() && others.Current.NameEquals(property.Name))
                other = others.Current.Value;
            else if (!(byName ??= ByName(right)).TryGetValue(property.Name, out other))
                return false;
            if (!AreSame(Of(property.Value), Of(other)))
                return false;
        }

        return true;
    }

    private static Dictionary<string, JsonElement> ByName(JsonElement json)
    {
        var byName = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in json.EnumerateObject())
            byName[property.Name] = property.Value;
        return byName;
    }

    /// <summary>Writes a defined value.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        switch (Type)
        {
            case SqlType.Null:
                writer.WriteNullValue();
                break;
            case SqlType.Boolean:
                writer.WriteBooleanValue(IsTrue);
                break;
            case SqlType.String:
                writer.WriteStringValue(_text);
                break;
            case SqlType.Number when _json.ValueKind == JsonValueKind.Undefined:
                writer.WriteNumberValue(double.IsFinite(_number) ? _number : throw new CosmosFailure(400, "The query has a result that is a number beyond the range of a double (about 1.8e308)."));
                break;
            case SqlType.Undefined:
                throw new InvalidOperationException("Undefined cannot be written.");
            default:
                writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(_json), skipInputValidation: true);
                break;
        }
    }
}
