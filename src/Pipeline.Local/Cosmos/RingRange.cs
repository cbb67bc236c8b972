namespace Pipeline.Local.Cosmos;

/// <summary>A part of the hash ring from <see cref="From"/> up to, without, <see cref="To"/>.</summary>
internal readonly record struct RingRange(EffectiveKey From, EffectiveKey To)
{
    public static readonly RingRange All = new(default, EffectiveKey.End);

    public bool Contains(EffectiveKey effectiveKey) => effectiveKey >= From && effectiveKey < To;

    public RingRange Intersect(RingRange other) => new(From > other.From ? From : other.From, To < other.To ? To : other.To);

    /// <summary>All keys that begin with the components of a hierarchical one.</summary>
    public static RingRange StartingWith(PartitionKeyValue prefix)
    {
        var hex = prefix.EffectiveKey().ToHex()[..(32 * prefix.Components)];
        return Parse(hex, hex + "FF");
    }

    public static RingRange Parse(string from, string to) => new(EffectiveKey.Parse(from), EffectiveKey.Parse(to));
}
