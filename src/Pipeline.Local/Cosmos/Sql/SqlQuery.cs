using System.Collections.Concurrent;
using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A parsed query. Immutable; the same text is parsed once.</summary>
internal sealed class SqlQuery
{
    private const int MaxCached = 1000;
    private const int MaxCachedText = 16 * 1024;
    private const int MaxText = 512 * 1024;
    private static readonly ConcurrentDictionary<string, SqlQuery> Cache = new(StringComparer.Ordinal);

    public required SqlSelect Body { get; init; }

    /// <summary>The client merges the results of several partition key ranges, and wants what it takes to do so.</summary>
    public bool IsPart { get; init; }

    /// <summary>Where the client goes on, in a part of an ordered query.</summary>
    public SqlExpression? ResumeFilter { get; init; }

    /// <summary>Names of the parameters, with their <c>@</c>, by index.</summary>
    public required List<string> Parameters { get; init; }

    /// <summary>How many values a row has, that of the document included.</summary>
    public required int Slots { get; init; }

    public SelectClause Select => Body.Select;
    public SqlExpression? Where => Body.Where;
    public List<OrderByItem> OrderBy => Body.OrderBy;

    /// <summary>
    /// Its results come document by document, so that a page can end behind any of them and the next go on from there.
    /// Everything else is computed anew for each page. A client that merges an ordered DISTINCT drops what is there twice itself.
    /// </summary>
    public bool IsStreamed => Body.IsOfContainer && !Body.HasGroups && (!Body.IsDistinct || (IsPart && OrderBy.Count > 0));

    /// <exception cref="CosmosFailure">400: the query is wrong, or beyond the supported part of the language.</exception>
    public static SqlQuery Parse(string text)
    {
        if (Cache.TryGetValue(text, out var query))
            return query;
        if (text.Length > MaxText)
            throw new CosmosFailure(400, $"The query is longer than {MaxText} characters.");
        query = SqlParser.ParseQuery(text);
        // Queries come from code, so there are few; one that puts values into its text must not fill the memory.
        if (text.Length > MaxCachedText)
            return query;
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
        var bound = new bool[Parameters.Count];
        if (request.TryGetProperty("parameters"u8, out var given) && given.ValueKind == JsonValueKind.Array)
        {
            foreach (var parameter in given.EnumerateArray())
            {
                if (parameter.ValueKind != JsonValueKind.Object || !parameter.TryGetProperty("name"u8, out var name) || name.ValueKind != JsonValueKind.String)
                    throw new CosmosFailure(400, "A parameter of the query has no 'name'.");
                var index = Parameters.IndexOf(name.GetString()!);
                if (index < 0)
                    continue;
                // A parameter without a value is undefined, as with clients that leave out what is undefined.
                values[index] = parameter.TryGetProperty("value"u8, out var value) ? SqlValue.Of(value) : SqlValue.Undefined;
                bound[index] = true;
            }
        }

        return Array.TrueForAll(bound, isBound => isBound)
            ? values
            : throw new CosmosFailure(400, $"The query uses the parameters {string.Join(", ", Parameters)}, but not all have a value.");
    }
}
