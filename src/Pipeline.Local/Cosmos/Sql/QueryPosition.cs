using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>
/// Where a page of a query ended, as a continuation token: not a number of documents but the last one's key (and, with
/// ORDER BY, its sort values), so that it stays right whatever is inserted or deleted before the next page.
/// </summary>
/// <param name="Last">The last document that has been seen to its end; null before the first.</param>
/// <param name="Rid">Its number among the container's documents, which orders what is equal otherwise.</param>
/// <param name="SortValues">Its values of the ORDER BY paths; null when the scan order is the order.</param>
/// <param name="Skip">What is left of OFFSET.</param>
/// <param name="Take">What is left of TOP or LIMIT.</param>
/// <param name="Partial">The number of the next document, of which some rows have been seen: a join makes several.</param>
/// <param name="Seen">How many of its rows; without documents, how many results.</param>
internal sealed record QueryPosition(DocumentKey? Last, ulong Rid, SqlValue[]? SortValues, long Skip, long Take, ulong Partial = 0, long Seen = 0)
{
    public string ToToken()
    {
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            if (Last is { } last)
            {
                writer.WriteString("e", last.EffectiveKey.ToHex());
                writer.WriteString("i", last.Id);
            }

            writer.WriteNumber("r", Rid);
            writer.WriteNumber("s", Skip);
            writer.WriteNumber("t", Take);
            if (Seen > 0)
            {
                writer.WriteNumber("d", Partial);
                writer.WriteNumber("n", Seen);
            }

            if (SortValues is not null)
            {
                writer.WriteStartArray("k");
                foreach (var value in SortValues)
                    Write(writer, value);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return Convert.ToBase64String(output.GetBuffer().AsSpan(0, (int)output.Length));
    }

    public static QueryPosition? Parse(string? token)
    {
        if (string.IsNullOrEmpty(token))
            return null;
        try
        {
            using var json = JsonDocument.Parse(Convert.FromBase64String(token));
            var root = json.RootElement;
            var (skip, take) = (root.GetProperty("s").GetInt64(), root.GetProperty("t").GetInt64());
            if (skip is < 0 or > int.MaxValue || take < 0)
                throw new FormatException();
            var (partial, seen) = root.TryGetProperty("n", out var count) ? (root.GetProperty("d").GetUInt64(), count.GetInt64()) : (0, 0);
            if (seen is < 0 or > int.MaxValue)
                throw new FormatException();
            // Only within the first document there is none before.
            DocumentKey? last = seen > 0 && !root.TryGetProperty("e", out _)
                ? null
                : new(EffectiveKey.Parse(root.GetProperty("e").GetString() ?? throw new FormatException()), root.GetProperty("i").GetString() ?? throw new FormatException());
            SqlValue[]? values = root.TryGetProperty("k", out var list) ? [.. list.EnumerateArray().Select(Read)] : null;
            return new(last, root.GetProperty("r").GetUInt64(), values, skip, take, partial, seen);
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CosmosFailure(400, $"The continuation token '{token}' is invalid.");
        }
    }

    /// <summary>Undefined is an empty array, a value an array of itself; other arrays and objects only have their place in the order.</summary>
    private static void Write(Utf8JsonWriter writer, in SqlValue value)
    {
        writer.WriteStartArray();
        if (value.Type is SqlType.Array or SqlType.Object)
            writer.WriteRawValue(value.Type == SqlType.Array ? "[]"u8 : "{}"u8);
        else if (value.IsDefined)
            value.WriteTo(writer);
        writer.WriteEndArray();
    }

    private static SqlValue Read(JsonElement json) => json.GetArrayLength() == 0 ? SqlValue.Undefined : SqlValue.Of(json[0]).Detach();
}
