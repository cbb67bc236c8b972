using System.Text.Json;
using Pipeline.Feeds;

namespace Pipeline.AzureFunctions.ChangeFeed;

/// <summary>One relay per service: what the generated functions on the change feeds call.</summary>
/// <param name="relays">The relays.</param>
public sealed class Relays(IEnumerable<Relay> relays)
{
    private readonly Dictionary<string, Relay> _byName = relays.ToDictionary(r => r.Name, StringComparer.Ordinal);

    /// <summary>Gets all of them.</summary>
    public IReadOnlyCollection<Relay> All => _byName.Values;

    /// <summary>Publishes what changes of a container have to publish.</summary>
    /// <param name="container">The container.</param>
    /// <param name="documents">The changed documents.</param>
    /// <param name="cancellationToken">Ends with the host.</param>
    public Task OnFeedAsync(string container, IReadOnlyList<JsonElement> documents, CancellationToken cancellationToken) =>
        _byName[container].OnFeedAsync(documents, cancellationToken);
}
