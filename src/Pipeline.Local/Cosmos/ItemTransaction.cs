namespace Pipeline.Local.Cosmos;

/// <summary>
/// The operations of one transaction, tried in order against the store with what the earlier ones changed on top.
/// Nothing reaches container or journal before all have succeeded. Lives under the store's lock.
/// </summary>
internal sealed class ItemTransaction(StoredContainer container, PartitionKeyValue partitionKey, long nowSeconds, long timestampSeconds)
{
    private readonly List<Change> _changes = [];
    private readonly Partition _partition = new(container, partitionKey);
    private ulong _lastDocument = container.LastDocument;

    public long Lsn { get; } = container.Lsn + 1;

    public bool HasChanges => _changes.Count > 0;

    public ItemResult Try(ItemOperation operation)
    {
        if (operation.IsWrite && operation.IfNoneMatch is not null)
            return new(400, "If-None-Match on a write is not supported by the local Cosmos DB endpoint.");
        var current = Find(operation.Id);
        if (operation.IsWrite && current is not null && operation.IfMatch is { } etag && !Matches(etag, current))
            return new(412, "One of the specified pre-condition is not met: the item's etag is another.");

        return (operation.Kind, current) switch
        {
            (ItemOperationKind.Create, not null) => new(409, $"Entity with the specified id already exists: '{operation.Id}'."),
            (ItemOperationKind.Create, null) => Put(operation, operation.Content!, null, 201),
            (ItemOperationKind.Upsert, _) => Put(operation, operation.Content!, current, current is null ? 201 : 200),
            (_, null) => new(404, $"Entity with the specified id does not exist in the system: '{operation.Id}'.") { RequestCharge = 1 },
            (ItemOperationKind.Read, _) => Read(operation, current),
            (ItemOperationKind.Replace, _) => Put(operation, operation.Content!, current, 200),
            (ItemOperationKind.Delete, _) => Delete(current),
            (ItemOperationKind.Patch, _) => Patch(operation, current),
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation.Kind, "Not an item operation."),
        };
    }

    /// <summary>Writes the transaction to the journal. Only then may it be applied.</summary>
    public void Journal(StoreJournal journal)
    {
        if (!journal.IsDurable)
            return;
        journal.BeginTransaction(_partition, Lsn, timestampSeconds, _changes.Count);
        foreach (var (id, document) in _changes)
        {
            if (document is null)
                journal.AddDelete(id);
            else
                journal.AddPut(document);
        }

        journal.Commit();
    }

    public void Apply()
    {
        foreach (var (id, document) in _changes)
        {
            if (document is not null)
                container.Put(document);
            else
                container.Remove(_partition, id);
        }

        container.Lsn = Lsn;
        container.WakeReaders();
    }

    private StoredDocument? Find(string id)
    {
        for (var i = _changes.Count - 1; i >= 0; i--)
        {
            if (string.Equals(_changes[i].Id, id, StringComparison.Ordinal))
                return _changes[i].Document;
        }

        return container.Index.Find(_partition, id) is { } document && document.ExpiresAtSeconds > nowSeconds ? document : null;
    }

    /// <summary>Another item has the value of a unique key, after what this transaction changed so far.</summary>
    private bool IsTaken(string value, string id)
    {
        foreach (var change in _changes)
        {
            if (!string.Equals(change.Id, id, StringComparison.Ordinal) && Find(change.Id)?.UniqueValues?.Contains(value, StringComparer.Ordinal) == true)
                return true;
        }

        return container.Index.FindUnique(_partition, value) is { } holder
            && !string.Equals(holder, id, StringComparison.Ordinal)
            && !_changes.Exists(change => string.Equals(change.Id, holder, StringComparison.Ordinal))
            && Find(holder) is not null;
    }

    private static ItemResult Read(ItemOperation operation, StoredDocument document)
    {
        if (operation.IfNoneMatch is { } etag && Matches(etag, document))
            return new(304) { Etag = document.Etag, RequestCharge = 1 };
        return new(200) { Etag = document.Etag, Body = document.Json, RequestCharge = RequestCharge.Read(document.JsonLength) };
    }

    private ItemResult Put(ItemOperation operation, ItemContent content, StoredDocument? current, int status)
    {
        if (content.UniqueValues is { } values && Array.Exists(values, value => IsTaken(value, content.Id)))
            return new(409, "Unique index constraint violation: another item of the partition has the same value of a unique key.");
        var rid = current?.Rid ?? ++_lastDocument;
        var ordinal = (ushort)_changes.Count;
        var json = StoredDocument.Compose(content.Utf8.Span, container, rid, Lsn, ordinal, timestampSeconds);
        var document = new StoredDocument
        {
            Id = content.Id,
            Partition = _partition,
            KeptJson = json,
            JsonLength = json.Length,
            ContentLength = content.Utf8.Length,
            Rid = rid,
            Lsn = Lsn,
            Ordinal = ordinal,
            TimestampSeconds = timestampSeconds,
            Kind = content.Kind,
            UniqueValues = content.UniqueValues,
            TimeToLiveSeconds = content.TimeToLiveSeconds,
        };
        _changes.Add(new(document.Id, document));
        return new(status)
        {
            Etag = document.Etag,
            Body = operation.MinimalReturn ? default : json,
            RequestCharge = RequestCharge.Write(document.JsonLength),
        };
    }

    private ItemResult Delete(StoredDocument current)
    {
        _changes.Add(new(current.Id, null));
        return new(204) { RequestCharge = RequestCharge.Write(current.JsonLength) };
    }

    private ItemResult Patch(ItemOperation operation, StoredDocument current)
    {
        if (!operation.Patch!.ConditionHolds(current, DateTimeOffset.FromUnixTimeSeconds(nowSeconds)))
            return new(412, "One of the specified pre-condition is not met: the patch's condition is false.", SubStatus.PatchConditionFailed);

        ItemContent content;
        try
        {
            content = operation.Patch.Apply(current, container.Definition);
        }
        catch (CosmosFailure failure)
        {
            return new(failure.Status, failure.Message, failure.SubStatus);
        }

        return content.PartitionKey == partitionKey && string.Equals(content.Id, current.Id, StringComparison.Ordinal)
            ? Put(operation, content, current, 200)
            : new(400, "A patch can change neither the id nor the partition key of an item.");
    }

    private static bool Matches(string etag, StoredDocument document) =>
        etag is "*" || string.Equals(etag, document.Etag, StringComparison.Ordinal);

    private readonly record struct Change(string Id, StoredDocument? Document);
}
