using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Outbox;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.Feeds;

/// <summary>
/// The outbox relay of one service: publishes what its change feed delivers, and in a recovery sweep what the feed missed. Both also move replays
/// forward.
/// </summary>
public sealed class Relay
{
    private readonly CosmosPartitionStore _store;
    private readonly ChangeFeedRouter _router;
    private readonly RecoverySweep _sweep;

    /// <summary>Creates the relay.</summary>
    /// <param name="store">The container of the service.</param>
    /// <param name="services">What all relays share.</param>
    /// <param name="replayer">Moves replays forward.</param>
    /// <param name="log">Tells of records and replays that cannot move on.</param>
    public Relay(CosmosPartitionStore store, RelayServices services, SubjectReplayer replayer, ILogger<Relay> log)
    {
        ArgumentNullException.ThrowIfNull(services);
        _store = store;
        var outbox = new OutboxDispatcher(store, services, log);
        var replays = new ReplayAdvancer(store, replayer, services, log);
        _router = new ChangeFeedRouter(store, services, outbox, replays, log);
        _sweep = new RecoverySweep(store, services, outbox, replays);
    }

    /// <summary>Name of the container that it relays.</summary>
    public string Name => _store.Name;

    /// <summary>Takes documents from the change feed. A document of another kind is ignored, an outbox record that cannot be read is quarantined.</summary>
    /// <exception cref="RelayStalledException">No record at all could be published; deliver the batch again.</exception>
    public Task OnFeedAsync(IReadOnlyList<JsonElement> documents, CancellationToken cancellationToken) => _router.RouteAsync(documents, cancellationToken);

    /// <summary>Looks for what the change feed missed or could not publish: records left behind, and replays that wait.</summary>
    public Task SweepAsync(CancellationToken cancellationToken) => _sweep.RunAsync(cancellationToken);
}
