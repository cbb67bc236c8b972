using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Cosmos;

/// <content>What a journal of an earlier version holds that is refused now.</content>
internal sealed partial class DocumentStore
{
    /// <summary>
    /// Repairs what some clients cannot read, once: etag, number and place in the change feed stay. Afterwards the journal
    /// says that it holds nothing of that kind.
    /// </summary>
    private void RepairItems()
    {
        if (_state.IsStrict)
            return;
        try
        {
            foreach (var (partition, id) in _state.Unreadable)
            {
                if (!partition.Container.Dropped && Index.Find(partition, id) is { } current && StrictJson.WhyNot(current.Json) is { } why)
                    Repair(current, why);
            }

            _journal.AppendStrict();
            _state.IsStrict = true;
        }
        catch (IOException e)
        {
            _log.LogWarning(e, "The Cosmos journal cannot be written now. The next start looks through it again.");
        }

        _state.Unreadable.Clear();
    }

    private void Repair(StoredDocument current, string why)
    {
        var container = current.Partition.Container;
        if (ItemRepair.Repair(current.Json) is not { } json)
        {
            _log.LogWarning("Container {Container}: the item '{Id}' cannot be read by every client: {Why}", container.Name, current.Id, why);
            return;
        }

        var content = ItemContent.ParseStored(json, container.Definition);
        var composed = StoredDocument.Compose(content.Utf8.Span, container, current.Rid, current.Lsn, current.Ordinal, current.TimestampSeconds);
        var repaired = new StoredDocument
        {
            Id = current.Id,
            Partition = current.Partition,
            KeptJson = composed,
            JsonLength = composed.Length,
            ContentLength = content.Utf8.Length,
            Rid = current.Rid,
            Lsn = current.Lsn,
            Ordinal = current.Ordinal,
            TimestampSeconds = current.TimestampSeconds,
            Kind = content.Kind,
            UniqueValues = content.UniqueValues,
            TimeToLiveSeconds = content.TimeToLiveSeconds,
        };
        _journal.BeginTransaction(current.Partition, current.Lsn, current.TimestampSeconds, 1);
        _journal.AddPut(repaired);
        _journal.Commit();
        container.Put(repaired);
        _log.LogWarning("Container {Container}: the item '{Id}', which an earlier version stored, was repaired, since some clients could not read it: {Why}", container.Name, current.Id, why);
    }
}
