namespace Pipeline.Local.Cosmos.Sql;

/// <summary>The order of ORDER BY; what is equal comes in the order of rids.</summary>
internal sealed class SortOrder(List<OrderByItem> items) : IComparer<SortedRow>
{
    public SqlValue[] ValuesOf(SqlRow row)
    {
        var values = new SqlValue[items.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = items[i].Path.Evaluate(row).Detach();
        return values;
    }

    public int Compare(SortedRow x, SortedRow y) => CompareValues(items, x.Values, y.Values) is not 0 and var order ? order : CompareRids(x.Rid, y.Rid);

    public bool IsSeen(SortedRow row, ResumePoint resume)
    {
        var order = CompareValues(items, row.Values, resume.Values);
        if (order == 0 && resume.Rid is { } rid)
            order = CompareRids(row.Rid, rid);
        return order < 0 || (order == 0 && resume.Exclude);
    }

    public static int CompareValues(List<OrderByItem> items, SqlValue[] x, SqlValue[] y)
    {
        for (var i = 0; i < items.Count; i++)
        {
            var order = SqlValue.Order(x[i], y[i]);
            if (order != 0)
                return items[i].Descending ? -order : order;
        }

        return 0;
    }

    /// <summary>In the direction of the first path: clients count on it to go on.</summary>
    private int CompareRids(ulong x, ulong y) => items[0].Descending ? y.CompareTo(x) : x.CompareTo(y);
}
