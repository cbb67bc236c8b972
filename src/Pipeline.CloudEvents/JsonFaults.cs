using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Pipeline.CloudEvents;

/// <summary>Finds what is wrong with JSON, and its path. Slow, for JSON of which it is known that something may be.</summary>
internal sealed class JsonFaults
{
    private const int MaxStepShown = 60;

    private readonly List<Level> _levels = [];
    private readonly int _maxDepth;

    private JsonFaults(int maxDepth) => _maxDepth = maxDepth;

    /// <summary>The first fault; <see langword="null"/> if there is none.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="maxDepth">How deep it may be.</param>
    /// <param name="except">Ambiguities within this member of the outermost object are passed over.</param>
    public static JsonFault? Find(ReadOnlySpan<byte> utf8, int maxDepth, string? except) => new JsonFaults(maxDepth).Find(utf8, except);

    private JsonFault? Find(ReadOnlySpan<byte> utf8, string? except)
    {
        // One level more than is allowed is read, to be told by its path.
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = _maxDepth + 1 });
        try
        {
            while (reader.Read())
            {
                if (Look(ref reader) is { } fault && !(fault.Kind == JsonFaultKind.Ambiguous && IsWithin(except, reader.TokenType)))
                    return fault;
            }

            return null;
        }
        catch (JsonException error)
        {
            return NotJson(Path(), Utf8.IsValid(utf8) ? $"is not JSON ({StrictJson.PlaceOf(error)})" : "is not UTF-8");
        }
    }

    private JsonFault? Look(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                Count();
                if (_levels.Count == _maxDepth)
                    return NotJson(Path(), string.Create(CultureInfo.InvariantCulture, $"lies deeper than {_maxDepth} levels"));
                _levels.Add(new Level(reader.TokenType == JsonTokenType.StartObject ? new HashSet<string>(StringComparer.Ordinal) : null));
                return null;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                _levels.RemoveAt(_levels.Count - 1);
                return null;
            case JsonTokenType.PropertyName:
                return LookAtName(ref reader);
            case JsonTokenType.String:
                Count();
                return !Utf8.IsValid(reader.ValueSpan) ? NotJson(Path(), "is not UTF-8")
                    : reader.ValueIsEscaped && HasHalfAPair(reader.ValueSpan) ? new(JsonFaultKind.Ambiguous, Path(), "has half a surrogate pair in it")
                    : null;
            default:
                Count();
                return null;
        }
    }

    private JsonFault? LookAtName(ref Utf8JsonReader reader)
    {
        var level = _levels[^1];
        level.Name = null;
        if (!Utf8.IsValid(reader.ValueSpan))
            return NotJson(Path(), "has a name that is not UTF-8");
        if (reader.ValueIsEscaped && HasHalfAPair(reader.ValueSpan))
        {
            level.Name = Encoding.UTF8.GetString(reader.ValueSpan);
            return new(JsonFaultKind.Ambiguous, Path(), "has half a surrogate pair in its name");
        }

        level.Name = reader.GetString()!;
        return level.Names!.Add(level.Name) ? null : new(JsonFaultKind.Ambiguous, Path(), "is there twice");
    }

    /// <summary>A value begins: in an array it is the next one.</summary>
    private void Count()
    {
        if (_levels.Count > 0 && _levels[^1].Names is null)
            _levels[^1].Index++;
    }

    /// <summary>The outermost names themselves are within none of the members.</summary>
    private bool IsWithin(string? member, JsonTokenType token) =>
        member is not null && _levels.Count > 0 && _levels[0].Name == member && (_levels.Count > 1 || token != JsonTokenType.PropertyName);

    private string Path()
    {
        var path = new StringBuilder("$");
        foreach (var level in _levels)
        {
            if (level.Names is null)
                path.Append('[').Append(Math.Max(level.Index, 0).ToString(CultureInfo.InvariantCulture)).Append(']');
            else if (level.Name is { } name)
                path.Append(IsPlain(name) ? "." : "['").Append(ShownText.Of(name, MaxStepShown)).Append(IsPlain(name) ? "" : "']");
        }

        return path.ToString();
    }

    private static bool IsPlain(string name) => name.Length is > 0 and <= MaxStepShown && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '$');

    private static JsonFault NotJson(string path, string what) => new(JsonFaultKind.NotJson, path, what);

    /// <summary>Whether an escape of a surrogate lacks its other half, in a JSON string as it is written.</summary>
    private static bool HasHalfAPair(ReadOnlySpan<byte> escaped)
    {
        for (var i = 0; i + 1 < escaped.Length; i++)
        {
            if (escaped[i] != (byte)'\\')
                continue;
            if (escaped[++i] != (byte)'u')
                continue;
            var unit = UnitAt(escaped, i + 1);
            i += 4;
            if (!char.IsSurrogate(unit))
                continue;
            if (!char.IsHighSurrogate(unit) || i + 6 >= escaped.Length || escaped[i + 1] != (byte)'\\' || escaped[i + 2] != (byte)'u'
                || !char.IsLowSurrogate(UnitAt(escaped, i + 3)))
                return true;
            i += 6;
        }

        return false;
    }

    private static char UnitAt(ReadOnlySpan<byte> escaped, int at) =>
        (char)ushort.Parse(escaped.Slice(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>An array or object that is being read.</summary>
    /// <param name="names">The names that an object has had; <see langword="null"/> for an array.</param>
    private sealed class Level(HashSet<string>? names)
    {
        public HashSet<string>? Names => names;

        public string? Name { get; set; }

        public int Index { get; set; } = -1;
    }
}
