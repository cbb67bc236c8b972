using System.Text.Json;
using Pipeline.Local.Cosmos.Sql;

namespace Pipeline.Local.Cosmos;

/// <summary>Requests for several items: queries, their plans, the plain list of items, and the change feed.</summary>
internal static class Queries
{
    private const int DefaultPageItems = 100;
    private const int MaxPageItems = 1000;

    private static readonly SqlQuery All = SqlQuery.Parse("SELECT * FROM c");

    public static CosmosReply Plan(StoredContainer container, CosmosRequest request)
    {
        using var body = Parse(request);
        var text = TextIn(body.RootElement);
        var query = SqlQuery.Parse(text);
        using var row = new SqlRow(query.Bind(body.RootElement), null);
        // Whoever names a partition key asks one range only.
        var isOfOne = request.PartitionKey is { Length: > 0 } key && PartitionKeyValue.ParseHeader(key).Components == container.Definition.PartitionKeyPaths.Length;
        var plan = QueryPlan.For(query, text, SqlWindow.Limits(query.Body, row), isOfOne ? 1 : container.Ranges.Count);
        return new CosmosReply { Status = 200, Body = plan, RequestCharge = RequestCharge.Metadata };
    }

    public static CosmosReply Query(DocumentStore store, StoredContainer container, CosmosRequest request)
    {
        using var body = Parse(request);
        var query = SqlQuery.Parse(TextIn(body.RootElement));
        return Run(query, query.Bind(body.RootElement), Scope(store, container, request), request, ResumePoint.In(body.RootElement, query));
    }

    public static CosmosReply ReadFeed(DocumentStore store, StoredContainer container, CosmosRequest request) =>
        Run(All, [], Scope(store, container, request), request);

    public static CosmosReply ReadChanges(DocumentStore store, StoredContainer container, CosmosRequest request)
    {
        var mode = request.Header("A-IM");
        if (!string.Equals(mode, "Incremental Feed", StringComparison.OrdinalIgnoreCase))
            throw CosmosFailure.NotSupported($"The change feed mode '{mode}'; latest versions ('Incremental Feed') are.");

        var scope = Scope(store, container, request);
        var start = ChangeFeed.Start(scope, request.Header("If-None-Match"), request.Header("If-Modified-Since"));
        var page = ChangeFeed.Read(scope, start, PageItems(request, unlimited: MaxPageItems));
        var etag = string.Create(CultureInfo.InvariantCulture, $"\"{page.Lsn}\"");
        return page.Documents is { } documents
            ? new CosmosReply
            {
                Status = 200,
                Body = documents.Finish(),
                Etag = etag,
                ItemCount = documents.Count,
                RequestCharge = documents.RequestCharge,
                Container = container,
                Range = RangeOf(scope),
                Lsn = container.Lsn,
            }
            : new CosmosReply { Status = 304, Etag = etag, ItemCount = 0, RequestCharge = 1, Container = container, Range = RangeOf(scope), Lsn = container.Lsn };
    }

    private static CosmosReply Run(SqlQuery query, SqlValue[] parameters, QueryScope scope, CosmosRequest request, ResumePoint? resume = null)
    {
        using var execution = new QueryExecution(query, parameters, scope, request.Header("x-ms-continuation"), PageItems(request, MaxPageItems))
        {
            Resume = resume,
        };
        var page = execution.Run();
        return new CosmosReply
        {
            Status = 200,
            Body = page.Finish(),
            ItemCount = page.Count,
            Continuation = page.Continuation,
            RequestCharge = page.RequestCharge,
            Container = scope.Container,
            Range = RangeOf(scope),
            Lsn = scope.Container.Lsn,
        };
    }

    private static QueryScope Scope(DocumentStore store, StoredContainer container, CosmosRequest request)
    {
        PartitionKeyValue? partitionKey = request.PartitionKey is { Length: > 0 } header ? PartitionKeyValue.ParseHeader(header) : null;
        var range = RingRange.All;
        if (request.Header("x-ms-documentdb-partitionkeyrangeid") is { Length: > 0 } rangeId)
            range = container.Ranges.Find(rangeId);
        if (request.Header("x-ms-start-epk") is { } from && request.Header("x-ms-end-epk") is { } to)
            range = range.Intersect(RingRange.Parse(from, to));
        if (partitionKey is { } key && key.Components != container.Definition.PartitionKeyPaths.Length)
        {
            if (key.Components > container.Definition.PartitionKeyPaths.Length)
                throw Items.WrongComponents(container, key);
            (partitionKey, range) = (null, range.Intersect(RingRange.StartingWith(key)));
        }

        return new(store, container, partitionKey, range);
    }

    private static int RangeOf(QueryScope scope) =>
        scope.PartitionKey is { } key ? scope.Container.Ranges.IdOf(key) : scope.Container.Ranges.IdOf(scope.Range.From);

    private static int PageItems(CosmosRequest request, int unlimited)
    {
        if (request.Header("x-ms-max-item-count") is not { } header)
            return DefaultPageItems;
        if (!int.TryParse(header, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var items) || items is 0 or < -1)
            throw new CosmosFailure(400, $"x-ms-max-item-count '{header}' is neither -1 nor positive.");
        return items == -1 ? unlimited : items;
    }

    public static JsonDocument Parse(CosmosRequest request)
    {
        StrictJson.Check(request.Body);
        try
        {
            return JsonDocument.Parse(request.Body);
        }
        catch (JsonException e)
        {
            throw new CosmosFailure(400, $"The query is no JSON: {e.Message}");
        }
    }

    public static string TextIn(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty("query"u8, out var query) && query.ValueKind == JsonValueKind.String
            ? query.GetString()!
            : throw new CosmosFailure(400, "The request has no 'query'.");
}
