using Pipeline.Cli.Http;

namespace Pipeline.Cli.Demo;

/// <summary>
/// What the demo orders: the same orders for the same number. Every run has articles of its own, so that what an earlier
/// run left in flight, or another one does meanwhile, does not show in its sums.
/// </summary>
internal sealed class DemoPlan
{
    private const int RunNameLength = 4;

    private readonly string _prefix;

    public DemoPlan(int orders, string runId)
    {
        Orders = orders;
        _prefix = "demo-" + runId[..Math.Min(RunNameLength, runId.Length)];
        ScarceSku = _prefix + "-scarce";
        Skus = [.. Enumerable.Range(1, PlentySkus).Select(Sku), ScarceSku];
    }

    /// <summary>There is less of it than is ordered, so some of its orders are cancelled.</summary>
    public string ScarceSku { get; }

    /// <summary>The customer to whom the carrier takes no parcels.</summary>
    public const string UnreachableCustomer = "customer-unreachable";

    private const string DeclinedCustomer = "customer-declined";
    private const string Currency = "EUR";
    private const int PlentySkus = 19;
    private const int MostPerLine = 3;
    private const int MostLines = 3;

    // One order in twenty each; offsets differ, so that no order is two of these.
    private const int OneIn = 20;
    private const int DeclinedOffset = 7;
    private const int UnreachableOffset = 11;
    private const int ScarceOffset = 13;

    public int Orders { get; }

    public IReadOnlyList<string> Skus { get; }

    /// <summary>What must be available of a plentiful SKU so that the run cannot exhaust it.</summary>
    public long Plenty => (long)Orders * MostLines * MostPerLine;

    /// <summary>What is available of the scarce one: half of what is asked for.</summary>
    public long Scarce => Orders < ScarceOffset ? 0 : (((Orders - ScarceOffset) / OneIn) + 1) / 2;

    /// <summary>The order of this number, from 1.</summary>
    public NewOrder Order(int number)
    {
        var lines = new List<OrderLine>(MostLines);
        var isScarce = number % OneIn == ScarceOffset;
        if (isScarce)
            lines.Add(new OrderLine(ScarceSku, 1, 49.90m));

        // Coprime strides spread the lines evenly, and two lines of one order never share a SKU.
        var count = 1 + (number % MostLines);
        for (var i = lines.Count; i < count; i++)
        {
            var sku = 1 + (((number * 7) + (i * 5)) % PlentySkus);
            lines.Add(new OrderLine(Sku(sku), 1 + ((number + i) % MostPerLine), 4.95m + sku));
        }

        var customer = (number % OneIn) switch
        {
            DeclinedOffset => DeclinedCustomer,
            UnreachableOffset => UnreachableCustomer,
            _ => string.Create(CultureInfo.InvariantCulture, $"customer-{1 + (number % 50):00}"),
        };
        return new NewOrder(customer, Currency, lines);
    }

    private string Sku(int number) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}-{number:00}");
}
