using System.Collections.Frozen;

namespace Pipeline.Contracts;

/// <summary>
/// Every integration event, command and reply, in every current version. Each is declared at its record:
/// <see cref="EventAttribute"/>, <see cref="CommandAttribute"/> or <see cref="ReplyAttribute"/> says how it is called and
/// travels, attributes of the fields what they may hold, the documentation what it means. <c>pipeline generate</c> lists them here.
/// </summary>
public static partial class ContractCatalog
{
    /// <summary>All contracts, by type.</summary>
    public static IReadOnlyList<Contract> All { get; } = Generated();

    /// <summary>The topology that this assembly was built with.</summary>
    public static Topology Topology => Stored.Value;

    /// <summary>Read when it is asked for: <c>pipeline generate</c> uses the catalog, and has to work while these files are wrong.</summary>
    private static readonly Lazy<Topology> Stored = new(() => Topology.In(typeof(ContractCatalog).Assembly, All));

    private static readonly FrozenDictionary<string, Contract> ByType = All.ToFrozenDictionary(c => c.Type, StringComparer.Ordinal);

    /// <summary>Finds the contract of a CloudEvents type; <see langword="null"/> if there is none.</summary>
    public static Contract? Find(string type) => ByType.GetValueOrDefault(type);

    /// <summary>The partition of an article in Inventory.</summary>
    public static string StockPartition(string sku) => "sku-" + sku;

    /// <summary>The partition of an article's sales of one day (<c>yyyy-MM-dd</c>) in Analytics.</summary>
    public static string SalesPartition(string day, string sku) => $"sales-{day.Replace("-", "", StringComparison.Ordinal)}-{sku}";

    /// <summary>The partition of an order's parcel in Shipping.</summary>
    public static string ParcelPartition(string orderId) => "parcel-" + orderId;

    /// <summary>The generated part; without it there are no contracts, so that the generator can build what it reads.</summary>
    static partial void AddAll(ContractJson json, List<Contract> contracts);

    private static List<Contract> Generated()
    {
        var contracts = new List<Contract>();
        AddAll(ContractJson.Default, contracts);
        return contracts;
    }
}
