using Pipeline.Storage;

namespace Pipeline.Functions;

/// <summary>The containers of the services.</summary>
public sealed class Stores(IEnumerable<PartitionStore> stores)
{
    private readonly Dictionary<string, PartitionStore> _byName = stores.ToDictionary(s => s.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<PartitionStore> All => _byName.Values;

    public PartitionStore Of(string container) => _byName[container];

    public PartitionStore? Find(string container) => _byName.GetValueOrDefault(container);
}
