using Pipeline.Decisions;
using Pipeline.Inbox;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Payloads;
using Pipeline.Storage;

namespace Pipeline.Effects;

/// <summary>
/// Completes a unit of work that has an effect: the outbox record with the messages that were decided, and an inbox record for each message or
/// command that was handled. Commands, ordered and unordered consumers all commit through it.
/// </summary>
internal sealed class EffectWriter(string service, MessageCatalog catalog, ClaimCheck claimCheck)
{
    private readonly OutboxWriter _outbox = new(service, catalog, claimCheck);

    /// <summary>Adds the records.</summary>
    /// <param name="work">The unit of work, with state and outgoing messages.</param>
    /// <param name="handled">The inbox record of each message that was handled, and the context that it was handled in.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="InvalidMessageException">A message cannot be sent.</exception>
    /// <exception cref="StoreUnavailableException">Data that is too large for its message cannot be stored now.</exception>
    public async ValueTask AddAsync(UnitOfWork work, IReadOnlyList<(InboxRecord Inbox, HandlerContext Context)> handled, CancellationToken cancellationToken)
    {
        await _outbox.AddAsync(work, NoteCaused, cancellationToken);
        foreach (var (inbox, _) in handled)
            work.CreateGuard(inbox.Id, inbox, InboxJson.Default.InboxRecord, CommitOutcome.AlreadyHandled);

        void NoteCaused(HandlerContext cause, CloudEventId id, string type)
        {
            foreach (var (inbox, context) in handled)
            {
                if (!ReferenceEquals(context, cause))
                    continue;
                inbox.Caused.Add(id.Value);
                inbox.CausedTypes.Add(type);
            }
        }
    }
}
