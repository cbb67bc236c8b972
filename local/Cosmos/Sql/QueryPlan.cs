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
    public static byte[] For(SqlQuery query, string text, (long? Top, long? Offset, long? Limit) limits, int ranges)
    {
        var isOrdered = query.OrderBy.Count > 0;
        if (ranges == 1 || !(isOrdered || query.HasGroups || limits.Top is not null || limits.Limit is not null))
            return Nothing;
        // The first results of every range are themselves without duplicates, and need no other form.
        var rewritten = query.IsDistinct ? "" : $"{PartMark} ({(isOrdered ? ResumeFilter : "true")}) {text}";
        return Write(rewritten, writer => WriteQuery(writer, query, limits));
    }

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

    private static void None(Utf8JsonWriter writer) => WriteQuery(writer, new SqlQuery { Select = new(null, null), Parameters = [] }, default);

    private static void WriteQuery(Utf8JsonWriter writer, SqlQuery query, (long? Top, long? Offset, long? Limit) limits)
    {
        var (top, offset, limit) = limits;
        // Groups of one DISTINCT are told apart by the client's own set of what it has seen.
        var isGrouped = query.HasGroups && !query.IsDistinct;
        var isValue = query.Select.Value is not null;
        writer.WriteString("distinctType", query.IsDistinct ? "Unordered" : "None");
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
