namespace Pipeline.Local.Cosmos;

/// <summary>A parsed path: <c>/dbs/{database}/colls/{container}/docs/{item}</c>. Databases and containers go by name or rid.</summary>
internal readonly record struct ResourceAddress(AddressKind Kind, string Database = "", string Container = "", string Item = "")
{
    public static ResourceAddress Parse(string escapedPath)
    {
        var path = escapedPath.AsSpan().Trim('/');
        if (path.IsEmpty)
            return new(AddressKind.Account);

        Span<Range> parts = stackalloc Range[8];
        var count = path.Split(parts, '/');
        if (count > 6 || !path[parts[0]].SequenceEqual("dbs"))
            return new(AddressKind.Unknown);
        if (count == 1)
            return new(AddressKind.Databases);
        var database = Unescape(path[parts[1]]);
        if (count == 2)
            return new(AddressKind.Database, database);
        if (!path[parts[2]].SequenceEqual("colls"))
            return new(AddressKind.Unknown);
        if (count == 3)
            return new(AddressKind.Containers, database);
        var container = Unescape(path[parts[3]]);
        if (count == 4)
            return new(AddressKind.Container, database, container);
        var isItems = path[parts[4]].SequenceEqual("docs");
        if (count == 5 && path[parts[4]].SequenceEqual("pkranges"))
            return new(AddressKind.PartitionKeyRanges, database, container);
        if (!isItems)
            return new(AddressKind.Unknown);
        return count == 5
            ? new(AddressKind.Items, database, container)
            : new(AddressKind.Item, database, container, Unescape(path[parts[5]]));
    }

    private static string Unescape(ReadOnlySpan<char> part) => part.Contains('%') ? Uri.UnescapeDataString(part) : part.ToString();
}
