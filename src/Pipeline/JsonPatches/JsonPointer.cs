using System.Text.Json.Nodes;

namespace Pipeline.JsonPatches;

/// <summary>A JSON Pointer (RFC 6901): the names and indexes that lead from a document's root to one of its values.</summary>
internal sealed class JsonPointer
{
    private readonly string _text;

    private JsonPointer(string text, string[] tokens)
    {
        _text = text;
        Tokens = tokens;
    }

    public IReadOnlyList<string> Tokens { get; }

    public bool IsRoot => Tokens.Count == 0;

    /// <summary>Reads a pointer (section 3); <see langword="null"/> if the text is none.</summary>
    public static JsonPointer? Parse(string text)
    {
        if (text.Length == 0)
            return new JsonPointer(text, []);
        if (text[0] != '/')
            return null;
        var tokens = text[1..].Split('/');
        for (var i = 0; i < tokens.Length; i++)
        {
            if (!HasValidEscapes(tokens[i]))
                return null;

            // In this order, so that '~01' is '~1' and not '/' (section 4).
            tokens[i] = tokens[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        }

        return new JsonPointer(text, tokens);
    }

    /// <summary>A name as it stands in a pointer.</summary>
    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>An index of an array: digits without a leading zero (section 4); -1 if the text is none, or too large for any array.</summary>
    public static int IndexOf(string token) =>
        token.Length is > 0 and <= 9 && token.All(char.IsAsciiDigit) && (token.Length == 1 || token[0] != '0')
            ? int.Parse(token, NumberStyles.None, CultureInfo.InvariantCulture)
            : -1;

    /// <summary>Whether this leads to a value that the other one passes on its way.</summary>
    public bool IsProperPrefixOf(JsonPointer other) =>
        Tokens.Count < other.Tokens.Count && Tokens.SequenceEqual(other.Tokens.Take(Tokens.Count), StringComparer.Ordinal);

    /// <summary>Follows the first <paramref name="count"/> tokens. False if there is no such value; a value may well be null.</summary>
    public bool TryFollow(JsonNode? root, int count, out JsonNode? value)
    {
        value = root;
        for (var i = 0; i < count; i++)
        {
            switch (value)
            {
                case JsonObject members when members.TryGetPropertyValue(Tokens[i], out value):
                    break;
                case JsonArray items when IndexOf(Tokens[i]) is >= 0 and var index && index < items.Count:
                    value = items[index];
                    break;
                default:
                    value = null;
                    return false;
            }
        }

        return true;
    }

    public override string ToString() => _text;

    private static bool HasValidEscapes(string token)
    {
        for (var i = token.IndexOf('~', StringComparison.Ordinal); i >= 0; i = token.IndexOf('~', i + 1))
        {
            if (i + 1 == token.Length || token[i + 1] is not ('0' or '1'))
                return false;
        }

        return true;
    }
}
