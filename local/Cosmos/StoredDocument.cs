using System.Buffers.Text;

namespace Pipeline.Local.Cosmos;

/// <summary>One version of one document. Immutable to readers, who may keep it after the store's lock is released.</summary>
internal sealed class StoredDocument
{
    private byte[]? _json;

    public required string Id { get; init; }
    public required Partition Partition { get; init; }

    /// <summary>The document as clients read it: UTF-8, system properties included. From the journal if it is not in memory.</summary>
    public required byte[] Json
    {
        get => _json ?? Partition.Container.Database.Bodies.Load(this);
        init
        {
            _json = value;
            JsonLength = value.Length;
        }
    }

    public int JsonLength { get; private init; }

    /// <summary>Where <see cref="Json"/> is in the journal; negative when it is in memory only.</summary>
    public long BodyOffset { get; set; } = -1;

    /// <summary>Length of the client's part of <see cref="Json"/>, without closing brace; the system properties follow.</summary>
    public required int ContentLength { get; init; }

    /// <summary>The number in the document's <c>_rid</c>; all versions share it.</summary>
    public required ulong Rid { get; init; }

    /// <summary>Log sequence number of the transaction that wrote this version.</summary>
    public required long Lsn { get; init; }

    /// <summary>Place of the write within its transaction; with <see cref="Lsn"/> it makes the etag.</summary>
    public required ushort Ordinal { get; init; }

    public required long TimestampSeconds { get; init; }

    /// <summary>The top-level string property <c>kind</c>, which containers index; null when it is missing or no string.</summary>
    public string? Kind { get; set; }

    /// <summary>The document's own <c>ttl</c>, if any.</summary>
    public int? TimeToLiveSeconds { get; init; }

    /// <summary>The values of the container's unique keys; null if it has none.</summary>
    public string[]? UniqueValues { get; init; }

    /// <summary>Unix time from which on the document is invisible; <see cref="long.MaxValue"/> for never.</summary>
    public long ExpiresAtSeconds { get; set; } = long.MaxValue;

    /// <summary>Slot in the container's change feed.</summary>
    public int FeedSlot { get; set; } = -1;

    /// <summary>Slot in the container's expiry heap.</summary>
    public int HeapSlot { get; set; } = -1;

    public string Etag => FormatEtag(Lsn, Ordinal);

    public void ForgetJson() => _json = null;

    public void KeepJson(byte[] json) => _json = json;

    public static string FormatEtag(long lsn, int ordinal) => $"\"{lsn:x12}-{ordinal:x4}\"";

    /// <summary>
    /// Writes a document's stored form: the client's content (without closing brace and without system properties) plus
    /// the system properties.
    /// </summary>
    public static byte[] Compose(ReadOnlySpan<byte> content, StoredContainer container, ulong rid, long lsn, int ordinal, long timestampSeconds)
    {
        Span<byte> tail = stackalloc byte[512];
        var at = 0;
        if (content.Length > 1)
            tail[at++] = (byte)',';
        Append(tail, ref at, "\"_rid\":\""u8);
        ResourceId.WriteDocument(tail[at..], container.Database.Number, container.Number, rid);
        var ridText = tail.Slice(at, ResourceId.DocumentLength);
        at += ResourceId.DocumentLength;
        Append(tail, ref at, "\",\"_self\":\""u8);
        Append(tail, ref at, container.SelfUtf8);
        Append(tail, ref at, "docs/"u8);
        Append(tail, ref at, ridText);
        Append(tail, ref at, "/\",\"_etag\":\"\\\""u8);
        Utf8Formatter.TryFormat(lsn, tail[at..], out var written, new('x', 12));
        at += written;
        tail[at++] = (byte)'-';
        Utf8Formatter.TryFormat(ordinal, tail[at..], out written, new('x', 4));
        at += written;
        Append(tail, ref at, "\\\"\",\"_attachments\":\"attachments/\",\"_ts\":"u8);
        Utf8Formatter.TryFormat(timestampSeconds, tail[at..], out written);
        at += written;
        Append(tail, ref at, ",\"_lsn\":"u8);
        Utf8Formatter.TryFormat(lsn, tail[at..], out written);
        at += written;
        tail[at++] = (byte)'}';

        var json = GC.AllocateUninitializedArray<byte>(content.Length + at);
        content.CopyTo(json);
        tail[..at].CopyTo(json.AsSpan(content.Length));
        return json;
    }

    private static void Append(Span<byte> target, ref int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(target[at..]);
        at += text.Length;
    }
}

/// <summary>A place in the scan order of a container: by effective partition key, then by id (ordinal).</summary>
internal readonly record struct DocumentKey(EffectiveKey EffectiveKey, string Id);

internal readonly struct ById : ISortOrder<StoredDocument, string>
{
    public static int Compare(StoredDocument item, string key) => string.CompareOrdinal(item.Id, key);
}

internal readonly struct ByDocumentKey : ISortOrder<StoredDocument, DocumentKey>
{
    public static int Compare(StoredDocument item, DocumentKey key)
    {
        var order = item.Partition.EffectiveKey.CompareTo(key.EffectiveKey);
        return order != 0 ? order : string.CompareOrdinal(item.Id, key.Id);
    }
}

internal readonly struct ByEffectiveKey : ISortOrder<Partition, EffectiveKey>
{
    public static int Compare(Partition item, EffectiveKey key) => item.EffectiveKey.CompareTo(key);
}

/// <summary>The documents of one partition key value.</summary>
internal sealed class Partition(PartitionKeyValue key, StoredContainer container)
{
    public StoredContainer Container { get; } = container;
    public PartitionKeyValue Key { get; } = key;
    public EffectiveKey EffectiveKey { get; } = key.EffectiveKey();
    public SortedIndex<StoredDocument, string, ById> Documents { get; } = new();

    /// <summary>Who has a value of a unique key.</summary>
    public Dictionary<string, StoredDocument> UniqueValues => _uniqueValues ??= new(StringComparer.Ordinal);

    private Dictionary<string, StoredDocument>? _uniqueValues;
}
