using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// Tells JSON that every reader takes for the same (RFC 7493) from JSON that some cannot read: half a surrogate pair, bytes
/// that are no UTF-8, numbers beyond a double, one name twice in an object.
/// </summary>
internal static class StrictJson
{
    private const int MaxDepth = 128;

    /// <summary>Fewer digits than this, without an exponent, are no number beyond a double.</summary>
    private const int SafeDigits = 300;

    /// <summary>Up to so many names are compared one by one.</summary>
    private const int FewNames = 32;

    private static readonly JsonReaderOptions _reading = new() { MaxDepth = MaxDepth };
    private static readonly JsonDocumentOptions _parsing = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <exception cref="CosmosFailure">400: the message says what is wrong.</exception>
    public static void Check(ReadOnlyMemory<byte> utf8)
    {
        if (WhyNot(utf8) is { } why)
            throw new CosmosFailure(400, $"The request payload is invalid: {why}");
    }

    /// <summary>What is wrong with it; null if nothing is.</summary>
    public static string? WhyNot(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span))
            return "it is not UTF-8.";
        try
        {
            var why = Scan(utf8.Span, out var hasUncheckedNames);
            if (why is not null || !hasUncheckedNames)
                return why;
            using var document = JsonDocument.Parse(utf8, _parsing);
            return null;
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }

    /// <param name="utf8">The JSON.</param>
    /// <param name="hasUncheckedNames">Some names are escaped, or too many for <see cref="FewNames"/>.</param>
    private static string? Scan(ReadOnlySpan<byte> utf8, out bool hasUncheckedNames)
    {
        hasUncheckedNames = false;
        // The names of the objects that are open, and where those of each object begin.
        Span<int> firstNames = stackalloc int[MaxDepth + 1];
        var names = ArrayPool<(int Start, int Length)>.Shared.Rent(FewNames * (MaxDepth + 1));
        try
        {
            var count = 0;
            var reader = new Utf8JsonReader(utf8, _reading);
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject:
                        firstNames[reader.CurrentDepth] = count;
                        break;
                    case JsonTokenType.EndObject:
                        count = firstNames[reader.CurrentDepth];
                        break;
                    case JsonTokenType.Number when !IsFinite(ref reader):
                        return At(reader.TokenStartIndex, "is a number beyond the range of a double (about 1.8e308)");
                    case JsonTokenType.String or JsonTokenType.PropertyName when reader.ValueIsEscaped && !IsReadable(ref reader):
                        return At(reader.TokenStartIndex, "has half a surrogate pair (\\uD800 to \\uDFFF without the other half)");
                    case JsonTokenType.PropertyName:
                        var others = names.AsSpan(firstNames[reader.CurrentDepth - 1]..count);
                        if (reader.ValueIsEscaped || others.Length >= FewNames)
                            hasUncheckedNames = true;
                        else if (Has(others, reader.ValueSpan, utf8))
                            return At(reader.TokenStartIndex, $"is the name '{Encoding.UTF8.GetString(reader.ValueSpan)}', which the object has already: give each property once");
                        else
                            names[count++] = ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
                        break;
                }
            }

            return null;
        }
        finally
        {
            ArrayPool<(int, int)>.Shared.Return(names);
        }
    }

    private static bool Has(ReadOnlySpan<(int Start, int Length)> names, ReadOnlySpan<byte> name, ReadOnlySpan<byte> utf8)
    {
        foreach (var (start, length) in names)
        {
            if (length == name.Length && utf8.Slice(start, length).SequenceEqual(name))
                return true;
        }

        return false;
    }

    private static string At(long offset, string what) => string.Create(CultureInfo.InvariantCulture, $"the value or name at byte {offset} {what}.");

    private static bool IsReadable(ref Utf8JsonReader reader)
    {
        if (reader.ValueSpan.IndexOf("\\u"u8) < 0)
            return true;
        try
        {
            _ = reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsFinite(ref Utf8JsonReader reader)
    {
        var text = reader.ValueSpan;
        return (text.Length < SafeDigits && text.IndexOfAny((byte)'e', (byte)'E') < 0) || double.IsFinite(reader.GetDouble());
    }
}
