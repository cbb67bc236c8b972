using System.Collections.Concurrent;
using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>One entry of a SELECT list.</summary>
internal sealed record SelectItem(string Name, SqlExpression Expression);

/// <summary>What a query returns per row: the document (<c>*</c>), one value (<c>VALUE x</c>), or an object.</summary>
internal sealed record SelectClause(SqlExpression? Value, List<SelectItem>? Items)
{
    public bool IsStar => Value is null && Items is null;
}

/// <param name="Path">What is sorted by.</param>
/// <param name="Descending">The other way round.</param>
/// <param name="Text">The path as it stands in the query.</param>
internal sealed record OrderByItem(PathExpression Path, bool Descending, string Text);

/// <param name="Expression">What documents are grouped by.</param>
/// <param name="Text">The same as it stands in the query.</param>
internal sealed record GroupByItem(SqlExpression Expression, string Text);

/// <summary>A parsed query. Immutable; the same text is parsed once.</summary>
internal sealed class SqlQuery
{
    private const int MaxCached = 1000;
    private static readonly ConcurrentDictionary<string, SqlQuery> Cache = new(StringComparer.Ordinal);

    public required SelectClause Select { get; init; }
    public SqlExpression? Where { get; init; }
    public List<OrderByItem> OrderBy { get; init; } = [];
    public SqlExpression? Top { get; init; }
    public SqlExpression? Offset { get; init; }
    public SqlExpression? Limit { get; init; }
    public List<AggregateExpression> Aggregates { get; init; } = [];

    /// <summary>The expressions of GROUP BY; those of a SELECT DISTINCT.</summary>
    public List<GroupByItem> GroupBy { get; init; } = [];
    public bool IsDistinct { get; init; }

    /// <summary>The client merges the results of several partition key ranges, and wants what it takes to do so.</summary>
    public bool IsPart { get; init; }

    /// <summary>Where the client goes on, in a part of an ordered query.</summary>
    public SqlExpression? ResumeFilter { get; init; }

    public bool HasGroups => Aggregates.Count > 0 || GroupBy.Count > 0;

    /// <summary>Names of the parameters, with their <c>@</c>, by index.</summary>
    public required List<string> Parameters { get; init; }

    /// <exception cref="CosmosFailure">400: the query is wrong, or beyond the supported part of the language.</exception>
    public static SqlQuery Parse(string text)
    {
        if (Cache.TryGetValue(text, out var query))
            return query;
        query = SqlParser.ParseQuery(text);
        // Queries come from code, so there are few; one that puts values into its text must not fill the memory.
        if (Cache.Count >= MaxCached)
            Cache.Clear();
        Cache[text] = query;
        return query;
    }

    /// <summary>Values of the parameters by index, from the <c>parameters</c> of a request.</summary>
    public SqlValue[] Bind(JsonElement request)
    {
        if (Parameters.Count == 0)
            return [];
        var values = new SqlValue[Parameters.Count];
        var bound = 0;
        if (request.TryGetProperty("parameters"u8, out var given) && given.ValueKind == JsonValueKind.Array)
        {
            foreach (var parameter in given.EnumerateArray())
            {
                var index = Parameters.IndexOf(parameter.GetProperty("name"u8).GetString()!);
                if (index < 0)
                    continue;
                values[index] = SqlValue.Of(parameter.GetProperty("value"u8));
                bound++;
            }
        }

        return bound == values.Length
            ? values
            : throw new CosmosFailure(400, $"The query uses the parameters {string.Join(", ", Parameters)}, but not all have a value.");
    }
}
