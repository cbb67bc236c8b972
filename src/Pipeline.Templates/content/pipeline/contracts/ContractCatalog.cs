using Pipeline.Contracts;

namespace Company.App_1.Contracts;

/// <summary>Every event, command and reply. Each is declared at its record; <c>pipeline generate</c> lists them here.</summary>
public static partial class ContractCatalog
{
    /// <summary>Gets all contracts, by type.</summary>
    public static IReadOnlyList<Contract> All { get; } = Generated();

    /// <summary>Gets the topology that this assembly was built with.</summary>
    public static Topology Topology => Stored.Value;

    /// <summary>Read when it is asked for: <c>pipeline generate</c> uses the catalog, and has to work while these files are wrong.</summary>
    private static readonly Lazy<Topology> Stored = new(() => Topology.In(typeof(ContractCatalog).Assembly, All));

    /// <summary>The generated part; without it there are no contracts, so that the generator can build what it reads.</summary>
    static partial void AddAll(ContractJson json, List<Contract> contracts);

    private static List<Contract> Generated()
    {
        var contracts = new List<Contract>();
        AddAll(ContractJson.Default, contracts);
        return contracts;
    }
}
