namespace Pipeline.Local.Cosmos;

internal static class Grouping
{
    /// <summary>Groups neighbours with the same key. The list is reused: it is valid until the next group.</summary>
    public static IEnumerable<List<T>> GroupAdjacent<T>(this IEnumerable<T> items, Func<T, long> keyOf)
    {
        var group = new List<T>();
        foreach (var item in items)
        {
            if (group.Count > 0 && keyOf(group[0]) != keyOf(item))
            {
                yield return group;
                group.Clear();
            }

            group.Add(item);
        }

        if (group.Count > 0)
            yield return group;
    }
}
