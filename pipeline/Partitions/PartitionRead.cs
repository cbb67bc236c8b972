using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Partitions;

/// <summary>The records that a read returned.</summary>
internal sealed class PartitionRead(string partition) : IDisposable
{
    private readonly List<JsonDocument> _owned = new(4);
    private readonly List<JsonElement> _records = new(4);

    /// <summary>The partition's head; a new one, without etag, where there is none yet.</summary>
    public Head Head { get; set; } = new() { Partition = partition };

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

    public T? Find<T>(string id, JsonTypeInfo<T> json)
        where T : class =>
        Find(id)?.Deserialize(json);

    public void Dispose()
    {
        foreach (var document in _owned)
            document.Dispose();
    }
}
