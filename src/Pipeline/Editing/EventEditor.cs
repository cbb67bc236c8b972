using Microsoft.Extensions.Logging;
using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Storage;

namespace Pipeline.Editing;

/// <summary>Edits one event for all consumers that could not handle it.</summary>
internal sealed class EventEditor(DeadLetterEditor editor, ILogger log)
{
    /// <summary>
    /// Makes the same edit of all open entries of an event. Each is checked for itself, as its own consumer reads it, and keeps the
    /// edit with who, when and why. What cannot be edited is named and stays as it is; the others are edited all the same. Carried
    /// out again, what the same edit has changed is passed over.
    /// </summary>
    /// <param name="stores">All containers.</param>
    /// <param name="eventId">CloudEvents id.</param>
    /// <param name="source">CloudEvents source; <see langword="null"/> if the id alone is enough.</param>
    /// <param name="what">What is to become of it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>What was edited; refused if events of several sources have that id.</returns>
    /// <exception cref="StoreUnavailableException">The entries cannot be looked for. Nothing was edited.</exception>
    public async Task<Refusable<EventEdit>> EditEventAsync(
        IReadOnlyCollection<CosmosPartitionStore> stores, CloudEventId eventId, string? source, MessageEdit what, CancellationToken cancellationToken)
    {
        // All are found before any is edited, so that a container that does not answer leaves nothing half done.
        var filter = new DeadLetterFilter { EventId = eventId.Value, Source = source, Open = true };
        var pages = await Task.WhenAll(stores.Select(async store =>
            (await DeadLetterQueries.ListAsync(store, filter, DeadLetterEditor.MaxPerEvent, null, cancellationToken)).Items.Select(entry => (Store: store, Entry: entry)).ToList()));
        var found = pages.SelectMany(p => p).OrderBy(f => f.Entry.Consumer, StringComparer.Ordinal).ThenBy(f => f.Entry.Partition, StringComparer.Ordinal).ToList();
        var sources = found.Select(f => f.Entry.Source).Distinct(StringComparer.Ordinal).ToList();
        if (sources.Count > 1)
        {
            var named = string.Join(", ", sources.Select(s => $"'{s}'"));
            return Refusable<EventEdit>.Refused($"Events of several sources have the id '{eventId}': {named}. Select one with 'source'.");
        }

        var items = new List<EditedEntry>(found.Count);
        foreach (var (store, entry) in found)
            items.Add(await EditOneAsync(store, entry, what, cancellationToken));
        return new EventEdit(eventId.Value, sources.FirstOrDefault() ?? source, items);
    }

    private async Task<EditedEntry> EditOneAsync(CosmosPartitionStore store, DeadLetterDetails entry, MessageEdit what, CancellationToken cancellationToken)
    {
        var item = new EditedEntry(entry.Consumer, store.Name, entry.Partition, entry.Id, EventEdit.Refused);
        try
        {
            var result = await editor.EditAsync(store, new Partition(entry.Partition), new DeadLetterId(entry.Id), what, isGroup: true, cancellationToken);
            return result.Outcome switch
            {
                EditOutcome.Edited => item with { Outcome = EventEdit.Edited },
                EditOutcome.AlreadyEdited => item with { Outcome = EventEdit.AlreadyEdited },
                EditOutcome.NotFound => item with { Reason = "It is gone." },
                _ => item with { Reason = result.Reason, Path = result.Path },
            };
        }
        catch (StoreUnavailableException e)
        {
            log.LogError(e, "{Container}/{Partition}: dead letter {DeadLetter} could not be edited now.", store.Name, entry.Partition, entry.Id);
            return item with { Outcome = EventEdit.Unavailable, Reason = "Its store did not answer; whether it was edited is not known. Run the same edit again." };
        }
    }
}
