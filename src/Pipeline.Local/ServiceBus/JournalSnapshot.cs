using Pipeline.Local.Journal;

namespace Pipeline.Local.ServiceBus;

/// <summary>The live state of a broker as records, for compacting its journal.</summary>
internal sealed class JournalSnapshot(
    BrokerJournal journal, RecordWriter record, IReadOnlyList<BrokerEntity> entities, IReadOnlyCollection<RuntimeEntity> runtime)
{
    private const int AcceptedPerRecord = 10_000;

    /// <summary>The records, each valid until the next is asked for.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Records()
    {
        journal.Begin();
        foreach (var made in runtime)
            journal.RuntimeEntity(made.Kind, made.Name, made.Json);
        foreach (var entity in entities)
        {
            journal.Define(entity);
            journal.NextSequenceNumber(entity);
            if (entity is BrokerQueue { RuntimeRules: { } rules } subscription)
                journal.Rules(subscription, rules);
        }

        yield return record.WrittenMemory;

        foreach (var entity in entities)
        {
            foreach (var accepted in (entity.History?.Entries ?? []).Chunk(AcceptedPerRecord))
            {
                journal.Begin();
                foreach (var (digest, ticks) in accepted)
                    journal.Accepted(entity, digest, ticks);
                yield return record.WrittenMemory;
            }

            foreach (var scheduled in entity.Scheduled.Values)
            {
                journal.Begin();
                journal.Schedule(scheduled);
                yield return record.WrittenMemory;
            }

            if (entity is not BrokerQueue queue)
                continue;
            foreach (var session in queue.Sessions.Values.Where(session => session.State is not null))
            {
                journal.Begin();
                journal.SessionState(queue, session.Id, session.State);
                yield return record.WrittenMemory;
            }
        }

        foreach (var (stored, copies) in CopiesByMessage())
        {
            journal.Begin();
            journal.Enqueue(stored, copies, 0, copies.Count);
            yield return record.WrittenMemory;
        }
    }

    private Dictionary<StoredMessage, List<Copy>> CopiesByMessage()
    {
        var byMessage = new Dictionary<StoredMessage, List<Copy>>(ReferenceEqualityComparer.Instance);
        foreach (var queue in entities.OfType<BrokerQueue>())
        {
            foreach (var message in queue.Messages.From(0))
            {
                if (!byMessage.TryGetValue(message.Stored, out var copies))
                    byMessage.Add(message.Stored, copies = []);
                copies.Add(new Copy(queue, message));
            }
        }

        return byMessage;
    }
}
