using System.Text.Json;
using System.Text.Unicode;

namespace Pipeline.CloudEvents;

/// <summary>
/// JSON that everybody reads alike (I-JSON, RFC 7493, section 2): UTF-8, no half of a surrogate pair in a name or a text, no name
/// twice in an object, and not too deep. System.Text.Json finds some of these only when a text is asked for, and then says it by
/// another exception than the one for bad JSON.
/// </summary>
public static class StrictJson
{
    /// <summary>How deep arrays and objects may lie in each other: what System.Text.Json reads unless told otherwise.</summary>
    public const int MaxDepth = 64;

    /// <summary>What is wrong with some JSON; <see langword="null"/> if nothing is. Costs little where nothing is.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="maxDepth">How deep it may be.</param>
    public static JsonFault? Check(ReadOnlyMemory<byte> utf8, int maxDepth = MaxDepth)
    {
        using var document = TryParse(utf8, maxDepth);
        return document is null ? JsonFaults.Find(utf8.Span, maxDepth, except: null) : null;
    }

    /// <summary>Parses JSON of which nothing can be wrong; <see langword="null"/> where <see cref="JsonFaults"/> has to be asked.</summary>
    internal static JsonDocument? TryParse(ReadOnlyMemory<byte> utf8, int maxDepth)
    {
        if (!Utf8.IsValid(utf8.Span) || MayHaveHalfAPair(utf8.Span))
            return null;
        try
        {
            return JsonDocument.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = maxDepth });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether there is the escape of a surrogate, which may lack its other half. Unescaped ones are no UTF-8.</summary>
    internal static bool MayHaveHalfAPair(ReadOnlySpan<byte> utf8)
    {
        for (int at; (at = utf8.IndexOf("\\u"u8)) >= 0; utf8 = utf8[(at + 2)..])
        {
            if (at + 3 < utf8.Length && utf8[at + 2] is (byte)'d' or (byte)'D' && utf8[at + 3] is (>= (byte)'8' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'f') or (>= (byte)'A' and <= (byte)'F'))
                return true;
        }

        return false;
    }

    /// <summary>Where bad JSON is bad.</summary>
    internal static string PlaceOf(JsonException error) => error.LineNumber is { } line
        ? string.Create(CultureInfo.InvariantCulture, $"line {line + 1}, byte {(error.BytePositionInLine ?? 0) + 1}")
        : error.Message;
}
