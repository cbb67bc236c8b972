using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Storage;

/// <summary>The records that a read returned.</summary>
/// <param name="container">The container.</param>
/// <param name="partition">The partition; <see langword="null"/> if records of several were read.</param>
internal sealed class PartitionRead(string container, Partition? partition) : IDisposable
{
    private readonly List<JsonDocument> _owned = new(4);
    private readonly List<JsonElement> _records = new(4);
    private PartitionHead? _head;

    public string Container => container;

    /// <summary>The partition's head; a new one, without etag, where there is none yet.</summary>
    /// <exception cref="InvalidOperationException">Records of several partitions were read.</exception>
    public PartitionHead Head
    {
        get => _head ??= new PartitionHead { Partition = partition ?? throw new InvalidOperationException("Records of several partitions have no head in common.") };
        set => _head = value;
    }

    public int Count => _records.Count;

    public IReadOnlyList<JsonElement> Records => _records;

    public void AddItem(JsonDocument item)
    {
        _owned.Add(item);
        _records.Add(item.RootElement);
    }

    public void AddPage(JsonDocument page)
    {
        _owned.Add(page);
        foreach (var record in page.RootElement.GetProperty("Documents"u8).EnumerateArray())
            _records.Add(record);
    }

    public JsonElement? Find(string id)
    {
        foreach (var record in _records)
        {
            if (record.GetProperty("id"u8).ValueEquals(id))
                return record;
        }

        return null;
    }

    /// <exception cref="DamagedPartitionException">The record is there and cannot be read.</exception>
    public T? Find<T>(string id, JsonTypeInfo<T> json)
        where T : class
    {
        if (Find(id) is not { } record)
            return null;
        try
        {
            return record.Deserialize(json);
        }
        catch (JsonException e)
        {
            throw Unreadable(id, e, canBeRecorded: false);
        }
    }

    /// <inheritdoc cref="Find{T}(string, JsonTypeInfo{T})"/>
    public T? Find<T>(DeadLetterId id, JsonTypeInfo<T> json)
        where T : class => Find(id.Value, json);

    /// <summary>Says that a record is there and cannot be read.</summary>
    /// <param name="id">The record.</param>
    /// <param name="why">What was wrong.</param>
    /// <param name="canBeRecorded">Whether the head and the dead letters can be read.</param>
    public DamagedPartitionException Unreadable(string id, Exception why, bool canBeRecorded) =>
        new(container, partition ?? Partition.Of(Find(id)!.Value), $"'{id}' cannot be read ({why.Message.ReplaceLineEndings(" ")})", canBeRecorded, why);

    public void Dispose()
    {
        foreach (var document in _owned)
            document.Dispose();
    }
}
