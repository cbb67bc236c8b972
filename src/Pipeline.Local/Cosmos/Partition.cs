namespace Pipeline.Local.Cosmos;

/// <summary>A partition key value, and its place on the hash ring.</summary>
internal sealed class Partition
{
    // Most partitions are looked up or passed by, and need one of the two only.
    private PartitionKeyValue? _key;
    private byte[]? _keyBytes;

    public Partition(StoredContainer container, PartitionKeyValue key)
    {
        (Container, _key, EffectiveKey) = (container, key, key.EffectiveKey());
        Span<byte> place = stackalloc byte[EffectiveKey.MaxBytes];
        Place = place[..EffectiveKey.Write(place)].ToArray();
    }

    /// <summary>Reads what another one wrote.</summary>
    public Partition(StoredContainer container, ReadOnlySpan<byte> place, ReadOnlySpan<byte> key)
    {
        (Container, Place, _keyBytes) = (container, place.ToArray(), key.ToArray());
        EffectiveKey = EffectiveKey.Read(place);
    }

    public StoredContainer Container { get; }
    public PartitionKeyValue Key => _key ??= PartitionKeyValue.FromBytes(_keyBytes!, Container.Definition.PartitionKeyPaths.Length);
    public EffectiveKey EffectiveKey { get; }

    /// <summary>The effective key, as bytes that compare like it.</summary>
    public byte[] Place { get; }

    /// <summary>The key, as the journal has it.</summary>
    public byte[] KeyBytes => _keyBytes ??= Key.ToBytes();
}
