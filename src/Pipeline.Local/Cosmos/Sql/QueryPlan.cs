using System.Text;
using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>
/// What a client has to do with the results of a query. With one partition key range the endpoint orders, groups and
/// cuts, and there is nothing left to do. With several, each range is asked for its part, and the client merges: it sends
/// the query back with a mark in front, upon which a part is answered in the form that can be merged.
/// </summary>
internal static class QueryPlan
{
    /// <summary>
    /// Stands in front of a query for one part, with a condition in parentheses. Only this endpoint makes such queries
    /// and only this endpoint reads them, so that it need not be the form in which the real service writes them.
    /// </summary>
    public const string PartMark = "$part";

    /// <summary>Clients put the place there where they go on.</summary>
    private const string ResumeFilter = "{documentdb-formattableorderbyquery-filter}";

    private static readonly byte[] Nothing = Write("", None);

    /// <param name="query">The query.</param>
    /// <param name="text">Its text.</param>
    /// <param name="limits">Its values of TOP, OFFSET and LIMIT.</param>
    /// <param name="ranges">How many partition key ranges the container has.</param>
    /// <exception cref="CosmosFailure">400: what the ranges answer cannot be merged.</exception>
    public static byte[] For(SqlQuery query, string text, (long? Top, long? Offset, long? Limit) limits, int ranges)
    {
        var body = query.Body;
        var isOrdered = body.OrderBy.Count > 0;
        if (ranges == 1 || !(isOrdered || body.HasGroups || body.IsDistinct || body.IsWindowed || body.IsOfSubquery))
            return Nothing;
        if (body.HasInnerAggregates || (body.HasGroups && body.IsDistinct) || (body.IsOfSubquery && !IsDistributed(body)))
        {
            throw CosmosFailure.NotSupported(
                "An aggregate within another expression, DISTINCT with GROUP BY, or a subquery in FROM that groups, sorts or cuts, over several physical partitions; "
                + "give a partition key, or use a container of one.");
        }

        // The first results of every range are themselves without duplicates, and need no other form.
        var needsNoForm = !isOrdered && !body.HasGroups && !body.IsWindowed;
        var rewritten = needsNoForm ? "" : $"{PartMark} ({(isOrdered ? ResumeFilter : "true")}) {text}";
        return Write(rewritten, writer => WriteQuery(writer, body, limits));
    }

    /// <summary>Each range can compute it for itself.</summary>
    private static bool IsDistributed(SqlSelect select) =>
        !select.HasGroups && !select.IsDistinct && select.OrderBy.Count == 0 && !select.IsWindowed
        && (select.Sources[0].Subquery is not { } inner || IsDistributed(inner));

    private static byte[] Write(string rewritten, Action<Utf8JsonWriter> writeQuery)
    {
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteNumber("partitionedQueryExecutionInfoVersion", 2);
            writer.WriteStartObject("queryInfo");
            writeQuery(writer);
            writer.WriteString("rewrittenQuery", rewritten);
            writer.WriteBoolean("hasNonStreamingOrderBy", false);
            writer.WriteNull("dCountInfo");
            writer.WriteEndObject();
            writer.WriteRawText("queryRanges", """[{"min":"","max":"FF","isMinInclusive":true,"isMaxInclusive":false}]""");
            writer.WriteEndObject();
        }

        return output.ToArray();
    }

    private static void None(Utf8JsonWriter writer) => WriteQuery(writer, new SqlSelect { Select = new(null, null) }, default);

    private static void WriteQuery(Utf8JsonWriter writer, SqlSelect query, (long? Top, long? Offset, long? Limit) limits)
    {
        var (top, offset, limit) = limits;
        var isGrouped = query.HasGroups;
        var isValue = query.Select.Value is not null;
        writer.WriteString("distinctType", DistinctType(query));
        WriteNumber(writer, "top", top);
        WriteNumber(writer, "offset", offset);
        WriteNumber(writer, "limit", limit);
        WriteTexts(writer, "orderBy", query.OrderBy.Select(item => item.Descending ? "Descending" : "Ascending"));
        WriteTexts(writer, "orderByExpressions", query.OrderBy.Select(item => item.Text));
        WriteTexts(writer, "groupByExpressions", isGrouped ? query.GroupBy.Select(item => item.Text) : []);
        WriteTexts(writer, "groupByAliases", isGrouped && !isValue ? query.Select.Items!.Select(item => item.Name) : []);
        WriteTexts(writer, "aggregates", isValue ? query.Aggregates.Select(aggregate => aggregate.Kind.ToString()) : []);
        writer.WriteStartObject("groupByAliasToAggregateType");
        foreach (var item in isGrouped && !isValue ? query.Select.Items! : [])
            writer.WriteString(item.Name, (item.Expression as AggregateExpression)?.Kind.ToString());
        writer.WriteEndObject();
        writer.WriteBoolean("hasSelectValue", isValue);
    }

    /// <summary>Ordered: what is equal comes in a row, so that the client need not remember all it has seen.</summary>
    private static string DistinctType(SqlSelect query) => !query.IsDistinct ? "None"
        : query.OrderBy is [{ Path: var order }] && query.Select.Expressions.ToList() is [PathExpression path] && path.Key == order.Key ? "Ordered"
        : "Unordered";

    private static void WriteNumber(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, number);
        else
            writer.WriteNull(name);
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static void WriteRawText(this Utf8JsonWriter writer, string name, string json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(Encoding.UTF8.GetBytes(json));
    }
}
