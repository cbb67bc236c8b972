using System.Text.Json;
using Pipeline.Feeds;

namespace Pipeline.Functions;

/// <summary>One relay per service.</summary>
public sealed class Relays(IEnumerable<Relay> relays)
{
    private readonly Dictionary<string, Relay> _byName = relays.ToDictionary(r => r.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<Relay> All => _byName.Values;

    public Task OnFeedAsync(string container, IReadOnlyList<JsonElement> documents, CancellationToken cancellationToken) =>
        _byName[container].OnFeedAsync(documents, cancellationToken);
}
