using Pipeline.Storage;

namespace Pipeline.Functions;

/// <summary>The containers of the services.</summary>
public sealed class Stores(IEnumerable<CosmosPartitionStore> stores)
{
    private readonly Dictionary<string, CosmosPartitionStore> _byName = stores.ToDictionary(s => s.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<CosmosPartitionStore> All => _byName.Values;

    public CosmosPartitionStore Of(string container) => _byName[container];

    public CosmosPartitionStore? Find(string container) => _byName.GetValueOrDefault(container);
}
