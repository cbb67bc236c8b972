using System.Text.Json;

namespace Pipeline.Local.EventGrid;

/// <summary>One condition on an attribute, or on a top-level property of the data.</summary>
/// <remarks>
/// Texts compare without regard to case. A key that the event lacks matches StringNotIn and IsNullOrUndefined only; a
/// value of another kind than the operator's matches StringNotIn only. Arrays are not looked into.
/// </remarks>
internal sealed class AdvancedFilter
{
    private const int MaxValues = 25;
    private const int MaxValueCharacters = 512;
    private const string DataPrefix = "data.";

    private readonly string _key;
    private readonly bool _isInData;
    private readonly Func<JsonElement?, bool> _condition;

    private AdvancedFilter(string key, Func<JsonElement?, bool> condition)
    {
        _isInData = key.StartsWith(DataPrefix, StringComparison.Ordinal);
        _key = _isInData ? key[DataPrefix.Length..] : key;
        _condition = condition;
    }

    /// <exception cref="InvalidDataException">The condition is not offered or beyond its limits.</exception>
    public static AdvancedFilter Create(string subscription, AdvancedFilterDefinition definition)
    {
        try
        {
            CheckKey(definition.Key);
            return new AdvancedFilter(definition.Key, Condition(definition));
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"'{subscription}', filter on '{definition.Key}': {error.Message}", error);
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException)
        {
            throw new InvalidDataException(
                $"'{subscription}', filter on '{definition.Key}': a value has the wrong JSON type for {definition.OperatorType}.", error);
        }
    }

    public bool Matches(JsonElement cloudEvent)
    {
        var owner = cloudEvent;
        if (_isInData && !(cloudEvent.TryGetProperty("data", out owner) && owner.ValueKind == JsonValueKind.Object))
            return _condition(null);
        return _condition(owner.TryGetProperty(_key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null);
    }

    private static void CheckKey(string key)
    {
        var name = key.StartsWith(DataPrefix, StringComparison.Ordinal) ? key[DataPrefix.Length..] : key;
        if (name.Length == 0 || name.Contains('.', StringComparison.Ordinal))
            throw new InvalidDataException("a key is the name of an attribute, or data.NAME with a NAME without dots.");
        if (key is "data" or "data_base64")
            throw new InvalidDataException("the data as a whole cannot be filtered; name a property of it, data.NAME.");
    }

    private static Func<JsonElement?, bool> Condition(AdvancedFilterDefinition filter)
    {
        switch (filter.OperatorType)
        {
            case "StringIn":
                return Text(filter, static (text, value) => text.Equals(value, StringComparison.OrdinalIgnoreCase));
            case "StringNotIn":
                var isIn = Text(filter, static (text, value) => text.Equals(value, StringComparison.OrdinalIgnoreCase));
                return value => !isIn(value);
            case "StringBeginsWith":
                return Text(filter, static (text, value) => text.StartsWith(value, StringComparison.OrdinalIgnoreCase));
            case "StringEndsWith":
                return Text(filter, static (text, value) => text.EndsWith(value, StringComparison.OrdinalIgnoreCase));
            case "StringContains":
                return Text(filter, static (text, value) => text.Contains(value, StringComparison.OrdinalIgnoreCase));
            case "NumberIn":
                var numbers = Values(filter).Select(v => v.GetDouble()).ToArray();
                return value => Number(value) is { } number && Array.IndexOf(numbers, number) >= 0;
            case "NumberGreaterThan":
                return Number(filter, static (number, limit) => number > limit);
            case "NumberGreaterThanOrEquals":
                return Number(filter, static (number, limit) => number >= limit);
            case "NumberLessThan":
                return Number(filter, static (number, limit) => number < limit);
            case "NumberLessThanOrEquals":
                return Number(filter, static (number, limit) => number <= limit);
            case "BoolEquals":
                var expected = Value(filter).GetBoolean() ? JsonValueKind.True : JsonValueKind.False;
                return value => value?.ValueKind == expected;
            case "IsNullOrUndefined":
                CheckNoValue(filter);
                return static value => value is null;
            case "IsNotNull":
                CheckNoValue(filter);
                return static value => value is not null;
            default:
                throw new InvalidDataException($"the operator '{filter.OperatorType}' is not offered here.");
        }
    }

    private static Func<JsonElement?, bool> Text(AdvancedFilterDefinition filter, Func<string, string, bool> matches)
    {
        var values = Values(filter).Select(v => v.GetString() ?? throw new InvalidDataException("a value is null.")).ToArray();
        if (values.Any(v => v.Length > MaxValueCharacters))
            throw new InvalidDataException($"a value has more than {MaxValueCharacters} characters.");
        return value => value is { ValueKind: JsonValueKind.String } text && Array.Exists(values, v => matches(text.GetString()!, v));
    }

    private static Func<JsonElement?, bool> Number(AdvancedFilterDefinition filter, Func<double, double, bool> matches)
    {
        var limit = Value(filter).GetDouble();
        return value => Number(value) is { } number && matches(number, limit);
    }

    private static double? Number(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var result) ? result : null;

    private static List<JsonElement> Values(AdvancedFilterDefinition filter)
    {
        if (filter.Value is not null || filter.Values is not { ValueKind: JsonValueKind.Array } values)
            throw new InvalidDataException($"{filter.OperatorType} needs 'values', an array, and no 'value'.");
        return values.GetArrayLength() is >= 1 and <= MaxValues
            ? [.. values.EnumerateArray()]
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{values.GetArrayLength()} values; 1 to {MaxValues} are allowed."));
    }

    private static JsonElement Value(AdvancedFilterDefinition filter) =>
        filter is { Values: null, Value: { } value }
            ? value
            : throw new InvalidDataException($"{filter.OperatorType} needs 'value' and no 'values'.");

    private static void CheckNoValue(AdvancedFilterDefinition filter)
    {
        if (filter.Value is not null || filter.Values is not null)
            throw new InvalidDataException($"{filter.OperatorType} has neither 'value' nor 'values'.");
    }
}
