using Pipeline.Cli.Sample;

namespace Pipeline.Cli.Demo;

/// <summary>
/// The orders of the demo: the same orders for the same number. Every run has articles of its own, so that earlier and parallel runs
/// do not affect its sums.
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

    /// <summary>The article with less stock than ordered, so that some orders are cancelled.</summary>
    public string ScarceSku { get; }

    /// <summary>The customer whose parcels the carrier declines.</summary>
    public const string UnreachableCustomer = "customer-unreachable";

    private const string DeclinedCustomer = "customer-declined";
    private const string Currency = "EUR";
    private const int PlentySkus = 19;
    private const int MostPerLine = 3;
    private const int MostLines = 3;

    // One order in twenty each, with different offsets, so that no order is two of these.
    private const int OneIn = 20;
    private const int DeclinedOffset = 7;
    private const int UnreachableOffset = 11;
    private const int ScarceOffset = 13;

    public int Orders { get; }

    public IReadOnlyList<string> Skus { get; }

    /// <summary>The stock of a plentiful SKU that the run cannot exhaust.</summary>
    public long Plenty => (long)Orders * MostLines * MostPerLine;

    /// <summary>The stock of the scarce SKU: half of the ordered quantity.</summary>
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
