namespace Pipeline.Local.Cosmos;

/// <summary>
/// The physical partitions of a container: equal parts of the hash ring. How many is settled when the container is made;
/// they never split. All share one log, so that one number is the LSN of every one of them.
/// </summary>
internal sealed class PartitionRanges
{
    /// <summary>The most that a container can have here.</summary>
    public const int Max = 50;

    private static readonly UInt128 RingEnd = UInt128.One << 126;
    private readonly RingRange[] _ranges;

    public PartitionRanges(StoredContainer container, int count)
    {
        _ranges = new RingRange[count];
        for (var i = 0; i < count; i++)
            _ranges[i] = new(Boundary(i), i == count - 1 ? EffectiveKey.End : Boundary(i + 1));
        Etag = string.Create(CultureInfo.InvariantCulture, $"\"{count}\"");
        Json = string.Create(CultureInfo.InvariantCulture,
            $"{{\"_rid\":\"{container.Rid}\",\"PartitionKeyRanges\":[{string.Join(',', _ranges.Select((_, i) => Describe(container, i)))}],\"_count\":{count}}}");
    }

    /// <summary>The answer to <c>GET pkranges</c>.</summary>
    public string Json { get; }
    public string Etag { get; }
    public int Count => _ranges.Length;

    /// <summary>The range of an id as requests name it: <c>0</c> or <c>{container rid},0</c>.</summary>
    public RingRange Find(string rangeId) =>
        int.TryParse(rangeId.AsSpan(rangeId.LastIndexOf(',') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < Count
            ? _ranges[id]
            : throw new CosmosFailure(410, $"There is no partition key range {rangeId}.", SubStatus.PartitionKeyRangeGone);

    /// <summary>The id of the range that a key is in.</summary>
    public int IdOf(PartitionKeyValue key) => Count == 1 ? 0 : IdOf(key.EffectiveKey());

    public int IdOf(EffectiveKey key) => Count == 1 ? 0 : Array.FindIndex(_ranges, range => range.Contains(key));

    private EffectiveKey Boundary(int index) => new(RingEnd / (uint)_ranges.Length * (uint)index);

    private string Describe(StoredContainer container, int id)
    {
        var rid = ResourceId.PartitionKeyRange(container.Database.Number, container.Number, (byte)id);
        var from = id == 0 ? "" : _ranges[id].From.ToHex();
        var to = id == Count - 1 ? "FF" : _ranges[id].To.ToHex();
        var share = (1.0 / Count).ToString(CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $$"""
            {"_rid":"{{rid}}","id":"{{id}}","_etag":"\"1\"","minInclusive":"{{from}}","maxExclusive":"{{to}}",
            "ridPrefix":{{id}},"_self":"dbs/{{container.Database.Rid}}/colls/{{container.Rid}}/pkranges/{{rid}}/","throughputFraction":{{share}},
            "status":"online","parents":[],"ownedArchivalPKRangeIds":[],"_ts":{{container.TimestampSeconds}},"lsn":1}
            """);
    }
}
