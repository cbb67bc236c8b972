using System.Text;
using System.Text.Json;
using Pipeline.Local.Cosmos.Sql;

namespace Pipeline.Local.Cosmos;

/// <summary>Queries over databases or over the containers of one: the same language as over items.</summary>
internal static class MetadataQueries
{
    public static bool IsQuery(CosmosRequest request) =>
        request.IsFlagSet("x-ms-documentdb-isquery") || request.Header("Content-Type") is "application/query+json";

    /// <param name="request">The request with the query.</param>
    /// <param name="descriptions">The databases or containers as JSON.</param>
    /// <param name="now">The time.</param>
    /// <returns>The results as JSON.</returns>
    public static List<string> Run(CosmosRequest request, IEnumerable<string> descriptions, DateTimeOffset now)
    {
        using var body = Queries.Parse(request);
        var query = SqlQuery.Parse(Queries.TextIn(body.RootElement));
        using var row = new SqlRow(query.Bind(body.RootElement), null, query.Slots) { Now = now };
        var documents = descriptions.Select(Document).ToList();
        var pipeline = new SelectPipeline(row, select => documents.Where(document => Matches(select, row, document)));
        return [.. pipeline.Results(query.Body).Select(Json)];
    }

    /// <summary>With joins, whose rows the condition is about, all.</summary>
    private static bool Matches(SqlSelect select, SqlRow row, StoredDocument document)
    {
        row.MoveTo(document);
        return select.Sources.Count > 1 || select.Where is null || select.Where.Evaluate(row).IsTrue;
    }

    /// <summary>As far as a query looks at it.</summary>
    private static StoredDocument Document(string description, int index)
    {
        using var parsed = JsonDocument.Parse(description);
        var json = Encoding.UTF8.GetBytes(description);
        return new StoredDocument
        {
            Id = parsed.RootElement.GetProperty("id").GetString()!,
            Partition = null!,
            KeptJson = json,
            JsonLength = json.Length,
            ContentLength = json.Length,
            Rid = (ulong)index + 1,
            Lsn = 0,
            Ordinal = 0,
            TimestampSeconds = 0,
            Kind = null,
            TimeToLiveSeconds = null,
        };
    }

    private static string Json(SqlValue value)
    {
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
            value.WriteTo(writer);
        return Encoding.UTF8.GetString(output.GetBuffer().AsSpan(0, (int)output.Length));
    }
}
