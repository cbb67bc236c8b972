using System.Text;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>
/// The results of a SELECT, one by one: rows of FROM and WHERE, groups, order, SELECT, DISTINCT, window. What has to be
/// collected for that is bounded. The row holds the values while the caller looks at a result, and no longer.
/// </summary>
/// <param name="row">Where the rows are.</param>
/// <param name="documents">The documents of the container; with nothing joined to them only those that satisfy WHERE.</param>
internal sealed class SelectPipeline(SqlRow row, Func<SqlSelect, IEnumerable<StoredDocument>>? documents)
{
    /// <summary>Groups, distinct values or rows to sort; they are collected in memory.</summary>
    private const int MaxCollected = 100_000;

    public IEnumerable<SqlValue> Results(SqlSelect select) => Results(select, SqlWindow.Of(select, row));

    public IEnumerable<SqlValue> Results(SqlSelect select, SqlWindow window)
    {
        row.Step();
        if (window.Take == 0)
            return [];
        var values = select.HasGroups ? OfGroups(select) : select.OrderBy.Count > 0 ? Sorted(select) : Plain(select);
        if (select.IsDistinct)
            values = Distinct(values);
        if (window.Skip > 0)
            values = values.Skip((int)window.Skip);
        return window.Take <= int.MaxValue ? values.Take((int)window.Take) : values;
    }

    /// <summary>Puts the rows of FROM that satisfy WHERE into the row, one after the other.</summary>
    /// <param name="select">The select.</param>
    /// <param name="source">The first source that is not in the row already.</param>
    /// <returns>An element for each row.</returns>
    public IEnumerable<int> Rows(SqlSelect select, int source = 0)
    {
        if (source == select.Sources.Count)
        {
            row.Step();
            if (select.Where is null || select.Where.Evaluate(row).IsTrue)
                yield return source;
            yield break;
        }

        var from = select.Sources[source];
        if (from.IsContainer)
        {
            foreach (var document in documents!(select))
            {
                row.MoveTo(document);
                if (select.Sources.Count == 1)
                {
                    yield return source;
                    continue;
                }

                foreach (var found in Rows(select, source + 1))
                    yield return found;
            }

            yield break;
        }

        foreach (var value in Values(from))
        {
            row[from.Slot] = value;
            foreach (var found in Rows(select, source + 1))
                yield return found;
        }
    }

    /// <summary>Rows by their values of GROUP BY. Without GROUP BY everything is one group, and nothing is one as well.</summary>
    public List<RowGroup> Groups(SqlSelect select)
    {
        var groups = new Dictionary<string, RowGroup>(StringComparer.Ordinal);
        var order = new List<RowGroup>();
        var key = new StringBuilder();
        foreach (var _ in Rows(select))
        {
            var values = select.GroupBy.ConvertAll(item => item.Expression.Evaluate(row));
            key.Clear();
            foreach (var value in values)
                GroupKey.Append(key, value);
            if (!groups.TryGetValue(key.ToString(), out var group))
            {
                if (groups.Count == MaxCollected)
                    throw TooMany("groups");
                groups.Add(key.ToString(), group = new(values.ConvertAll(value => value.Copy()), new Aggregation[select.Aggregates.Count]));
                order.Add(group);
            }

            for (var i = 0; i < group.Aggregations.Length; i++)
                group.Aggregations[i].Add(select.Aggregates[i].Kind, select.Aggregates[i].Operand(row));
        }

        if (select.GroupBy.Count == 0 && order.Count == 0)
            order.Add(new([], new Aggregation[select.Aggregates.Count]));
        return order;
    }

    /// <summary>Puts a group into the row.</summary>
    public void MoveTo(SqlSelect select, RowGroup group)
    {
        for (var i = 0; i < group.Keys.Count; i++)
            row[select.GroupBy[i].Slot] = group.Keys[i];
        for (var i = 0; i < group.Aggregations.Length; i++)
            row[select.Aggregates[i].Slot] = group.Aggregations[i].Result(select.Aggregates[i].Kind);
    }

    /// <summary>What SELECT makes of the row.</summary>
    public SqlValue Project(SqlSelect select)
    {
        if (select.Select.Value is { } value)
            return value.Evaluate(row).ForResult();
        if (select.Select.Items is not { } items)
            return select.StarSlot == SqlRow.DocumentSlot ? SqlValue.Of(row.Root) : row[select.StarSlot];
        using var builder = JsonBuilder.Object();
        foreach (var item in items)
            builder.Add(item.Name, item.Expression.Evaluate(row));
        return builder.Finish();
    }

    private static CosmosFailure TooMany(string what) => CosmosFailure.NotSupported($"A query that collects more than {MaxCollected} {what}.");

    private IEnumerable<SqlValue> Values(SqlSource source)
    {
        if (source.Subquery is { } subquery)
            return Results(subquery);
        var value = source.Expression!.Evaluate(row);
        if (!source.IsIterated)
            return value.IsDefined ? [value] : [];
        return value.Type == SqlType.Array ? value.Json.EnumerateArray().Select(SqlValue.Of) : [];
    }

    private IEnumerable<SqlValue> Plain(SqlSelect select)
    {
        foreach (var _ in Rows(select))
        {
            if (Project(select) is { IsDefined: true } value)
                yield return value;
        }
    }

    private IEnumerable<SqlValue> OfGroups(SqlSelect select)
    {
        foreach (var group in Groups(select))
        {
            MoveTo(select, group);
            if (Project(select) is { IsDefined: true } value)
                yield return value;
        }
    }

    private IEnumerable<SqlValue> Sorted(SqlSelect select)
    {
        var rows = new List<(SqlValue[] Keys, SqlValue Value)>();
        foreach (var _ in Rows(select))
        {
            if (rows.Count == MaxCollected)
                throw TooMany("rows to sort");
            var keys = select.OrderBy.ConvertAll(item => item.Path.Evaluate(row).Detach()).ToArray();
            if (Project(select) is { IsDefined: true } value)
                rows.Add((keys, value.Copy()));
        }

        // This sort keeps the order of what is equal.
        return rows.OrderBy(found => found.Keys, Comparer<SqlValue[]>.Create((x, y) => SortOrder.CompareValues(select.OrderBy, x, y))).Select(found => found.Value);
    }

    private static IEnumerable<SqlValue> Distinct(IEnumerable<SqlValue> values)
    {
        var seen = new HashSet<UInt128>();
        var key = new StringBuilder();
        foreach (var value in values)
        {
            key.Clear();
            GroupKey.Append(key, value);
            // Documents are long, their hashes are not.
            var (low, high) = MurmurHash3.Hash128(Encoding.UTF8.GetBytes(key.ToString()));
            if (!seen.Add(new UInt128(high, low)))
                continue;
            if (seen.Count > MaxCollected)
                throw TooMany("distinct values");
            yield return value;
        }
    }
}
