using System.Buffers;
using System.Text;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// What the id of an item, or the name of a database or container, may be: what every client can also read, replace and
/// delete. Each is a segment of a URL, which clients change on the way: they remove dot segments and blanks at the end, and
/// some decode what looks encoded.
/// </summary>
internal static class ResourceName
{
    private const int MaxBytes = 1023;
    private static readonly SearchValues<char> _forbidden = SearchValues.Create("/\\?#");

    /// <exception cref="CosmosFailure">400: it cannot be used; the message says why.</exception>
    public static void Check(string name)
    {
        if (name.Length == 0)
            throw new CosmosFailure(400, "The input content is invalid because the required properties - 'id; ' - are missing or empty.");
        if (WhyInvalid(name) is { } why)
            throw new CosmosFailure(400, $"Id '{name}' cannot be used: it {why}.");
        if (name.Length > MaxBytes / 3 && Encoding.UTF8.GetByteCount(name) > MaxBytes)
            throw new CosmosFailure(400, $"The id is longer than {MaxBytes} bytes.");
    }

    private static string? WhyInvalid(string name)
    {
        if (name.AsSpan().ContainsAny(_forbidden))
            return "contains illegal chars: '/', '\\', '?' and '#' are not allowed";
        if (name is "." or "..")
            return "is a dot segment, which clients take out of URLs: a request for it would reach what it is in";
        if (string.IsNullOrWhiteSpace(name))
            return "consists of blanks only, which clients do not send";
        if (name[^1] == ' ')
            return "ends with a blank, which clients take off URLs: the item could not be read again";
        if (name.AsSpan().IndexOfAnyInRange('\0', '\x1F') >= 0 || name.AsSpan().IndexOfAnyInRange('\x7F', '\x9F') >= 0)
            return "has a control character (a tab or line feed, say), which does not get through URLs";
        return LooksEncoded(name) ? "has a percent sign before two hexadecimal digits, which clients take for an encoded character" : null;
    }

    private static bool LooksEncoded(string name)
    {
        for (var at = name.IndexOf('%', StringComparison.Ordinal); at >= 0 && at + 2 < name.Length; at = name.IndexOf('%', at + 1))
        {
            if (char.IsAsciiHexDigit(name[at + 1]) && char.IsAsciiHexDigit(name[at + 2]))
                return true;
        }

        return false;
    }
}
