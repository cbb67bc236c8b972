using System.Buffers.Binary;
using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>
/// Where a client goes on with an ordered query over several ranges, the <c>resumeFilter</c> of a request: behind the
/// sort values, or among those that are equal at a document.
/// </summary>
/// <param name="Values">The sort values.</param>
/// <param name="Rid">The number of the document; null in ranges that it is not in.</param>
/// <param name="Exclude">What is equal has been seen already.</param>
internal sealed record ResumePoint(SqlValue[] Values, ulong? Rid, bool Exclude)
{
    private const int RidBytes = 16;

    public static ResumePoint? In(JsonElement request, SqlQuery query)
    {
        if (!request.TryGetProperty("resumeFilter"u8, out var filter) || filter.ValueKind != JsonValueKind.Object)
            return null;
        if (!filter.TryGetProperty("value"u8, out var values) || values.ValueKind != JsonValueKind.Array || values.GetArrayLength() != query.OrderBy.Count)
            throw new CosmosFailure(400, "The resumeFilter does not belong to the query: it needs one value for each path of ORDER BY.");
        ulong? rid = filter.TryGetProperty("rid"u8, out var text) && text.ValueKind == JsonValueKind.String ? DocumentIn(text.GetString()!) : null;
        var exclude = filter.TryGetProperty("exclude"u8, out var flag) && flag.ValueKind == JsonValueKind.True;
        return new([.. values.EnumerateArray().Select(Read)], rid, exclude);
    }

    /// <summary>Undefined is an empty array; of arrays and objects only the type counts.</summary>
    private static SqlValue Read(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0)
            return SqlValue.Undefined;
        if (value.ValueKind != JsonValueKind.Object)
            return SqlValue.Of(value).Detach();
        using var array = JsonDocument.Parse("[]");
        var isArray = value.TryGetProperty("type"u8, out var type) && type.ValueEquals("array"u8);
        return SqlValue.Of(isArray ? array.RootElement : value).Detach();
    }

    private static ulong DocumentIn(string rid)
    {
        Span<byte> bytes = stackalloc byte[RidBytes];
        return Convert.TryFromBase64String(rid.Replace('-', '/'), bytes, out var written) && written == RidBytes
            ? BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..])
            : throw new CosmosFailure(400, $"'{rid}' is no document's _rid.");
    }
}
