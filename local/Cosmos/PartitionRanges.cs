using System.Globalization;

namespace Pipeline.Local.Cosmos;

/// <summary>One physical partition: the part of the hash ring from <see cref="From"/> up to, without, <see cref="To"/>.</summary>
internal readonly record struct RingRange(UInt128 From, UInt128 To)
{
    // Effective keys have their two top bits cleared, so 0xFF... lies behind all of them.
    public static readonly RingRange All = new(0, UInt128.MaxValue);

    public bool Contains(UInt128 effectiveKey) => effectiveKey >= From && effectiveKey < To;

    /// <summary>Parses the hexadecimal form of the wire, in which short values are prefixes and <c>FF</c> is the end.</summary>
    public static RingRange Parse(string from, string to) => new(ParseKey(from), ParseKey(to));

    private static UInt128 ParseKey(string hex)
    {
        if (hex.Length > 32)
            throw CosmosFailure.NotSupported($"The effective partition key {hex} has several components.");
        if (string.Equals(hex, "FF", StringComparison.OrdinalIgnoreCase))
            return UInt128.MaxValue;
        return UInt128.TryParse(hex.PadRight(32, '0'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var key)
            ? key
            : throw new CosmosFailure(400, $"'{hex}' is no effective partition key.");
    }
}

/// <summary>
/// The physical partitions of a container. There is one; this is the only place that says so. With several, each needs
/// its own LSN and change feed, and the query plan has to tell the SDK how to merge.
/// </summary>
internal sealed class PartitionRanges
{
    private PartitionRanges(string rid, string json, string etag)
    {
        Rid = rid;
        Json = json;
        Etag = etag;
    }

    public string Rid { get; }

    /// <summary>The answer to <c>GET pkranges</c>.</summary>
    public string Json { get; }
    public string Etag { get; }

    public static PartitionRanges Single(StoredContainer container)
    {
        var rid = ResourceId.PartitionKeyRange(container.Database.Number, container.Number, 0);
        var json = $$"""
            {"_rid":"{{container.Rid}}","PartitionKeyRanges":[{"_rid":"{{rid}}","id":"0","_etag":"\"1\"","minInclusive":"","maxExclusive":"FF","ridPrefix":0,"_self":"dbs/{{container.Database.Rid}}/colls/{{container.Rid}}/pkranges/{{rid}}/","throughputFraction":1,"status":"online","parents":[],"ownedArchivalPKRangeIds":[],"_ts":{{container.TimestampSeconds}},"lsn":1}],"_count":1}
            """;
        return new PartitionRanges(rid, json, "\"1\"");
    }

    /// <summary>The ring range of a partition key range id as requests name it: <c>0</c> or <c>{container rid},0</c>.</summary>
    public static RingRange Find(string rangeId) => rangeId.AsSpan(rangeId.LastIndexOf(',') + 1) is "0"
        ? RingRange.All
        : throw new CosmosFailure(410, $"There is no partition key range {rangeId}.", SubStatus.PartitionKeyRangeGone);

    /// <summary>The session token for a position in the container.</summary>
    public static string SessionToken(long lsn) => string.Create(CultureInfo.InvariantCulture, $"0:-1#{lsn}");
}
