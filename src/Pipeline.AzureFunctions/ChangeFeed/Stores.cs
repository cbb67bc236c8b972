using Pipeline.Storage;

namespace Pipeline.AzureFunctions.ChangeFeed;

/// <summary>The containers of the services.</summary>
/// <param name="stores">One per service.</param>
public sealed class Stores(IEnumerable<CosmosPartitionStore> stores)
{
    private readonly Dictionary<string, CosmosPartitionStore> _byName = stores.ToDictionary(s => s.Name, StringComparer.Ordinal);

    /// <summary>Gets all of them.</summary>
    public IReadOnlyCollection<CosmosPartitionStore> All => _byName.Values;

    /// <summary>Gets the container of a service.</summary>
    /// <param name="container">The name of the service, and so of its container.</param>
    /// <exception cref="KeyNotFoundException">There is no such service.</exception>
    public CosmosPartitionStore Of(string container) => _byName[container];

    /// <summary>Finds the container of a service; <see langword="null"/> if there is no such service.</summary>
    /// <param name="container">The name of the service, and so of its container.</param>
    public CosmosPartitionStore? Find(string container) => _byName.GetValueOrDefault(container);
}
