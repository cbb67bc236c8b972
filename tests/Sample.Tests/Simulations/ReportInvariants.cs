using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Functions;

namespace Pipeline.Tests;

/// <summary>
/// What must be true of sales and reports once everything is quiet: every order counts once, and for what it was. Counted anew
/// here from the streams of the orders, and held against what Analytics and Reporting have stored.
/// </summary>
internal static class ReportInvariants
{
    public static async Task<List<string>> ProblemsAsync(Func<string, Container> containerOf)
    {
        var sales = new NamedSums();
        var closed = new NamedSums();
        foreach (var stream in await Invariants.StreamsAsync(containerOf(Names.Ordering)))
            Count([.. stream], sales, closed);

        var counted = new NamedSums();
        foreach (var state in await Invariants.StatesAsync(containerOf(Names.Analytics), "sales-"))
            Figures(counted, state);
        var (reported, orders) = (new NamedSums(), new NamedSums());
        foreach (var part in await Invariants.StatesAsync(containerOf(Names.Reporting), "report-"))
        {
            foreach (var article in part.GetProperty("articles").EnumerateObject())
                Figures(reported, article.Value);
        }

        foreach (var part in await Invariants.StatesAsync(containerOf(Names.Reporting), "orders-"))
            Orders(orders, part);
        return [.. counted.Against(sales, "Analytics"), .. reported.Against(sales, "the report's articles"), .. orders.Against(closed, "the report's orders")];
    }

    private static void Count(List<JsonElement> stream, NamedSums sales, NamedSums closed)
    {
        var (placed, end) = (stream[0].GetProperty("data"), stream[^1].GetProperty("data"));
        var (from, to) = (stream[0].GetProperty("time").GetDateTimeOffset(), stream[^1].GetProperty("time").GetDateTimeOffset());
        var day = to.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var currency = placed.GetProperty("currency").GetString();
        var lines = placed.GetProperty("lines").EnumerateArray().Select(l => (
            Sku: l.GetProperty("sku").GetString(), Quantity: l.GetProperty("quantity").GetInt32(), Price: l.GetProperty("unitPrice").GetDecimal())).ToList();
        closed.Add($"{day} open", Math.Max(0, (long)(to - from).TotalMilliseconds));
        if (end.GetProperty("type").GetString() != "OrderCompleted")
        {
            closed.Add($"{day} cancelled {CodeOf(end.GetProperty("reason").GetString()!)}", 1);
            return;
        }

        closed.Add($"{day} completed", 1);
        closed.Add($"{day} revenue {currency}", placed.GetProperty("total").GetDecimal());
        closed.Add($"{day} lines", lines.Count);
        closed.Add($"{day} pieces", lines.Sum(l => l.Quantity));
        foreach (var article in lines.GroupBy(l => l.Sku))
        {
            sales.Add($"{day} {article.Key} orders", 1);
            sales.Add($"{day} {article.Key} quantity", article.Sum(l => l.Quantity));
            sales.Add($"{day} {article.Key} revenue {currency}", article.Sum(l => l.Quantity * l.Price));
        }
    }

    /// <summary>By what stands in the reason, which the code must not be made of.</summary>
    private static string CodeOf(string reason) => reason switch
    {
        "The payment was declined." => "payment",
        "The parcel cannot be delivered." => "shipping",
        _ when reason.StartsWith("Out of stock: ", StringComparison.Ordinal) => "stock",
        _ => "customer",
    };

    private static void Figures(NamedSums ledger, JsonElement figures)
    {
        var article = $"{figures.GetProperty("day").GetString()} {figures.GetProperty("sku").GetString()}";
        ledger.Add($"{article} orders", figures.GetProperty("orders").GetInt32());
        ledger.Add($"{article} quantity", figures.GetProperty("quantity").GetInt64());
        ledger.Add($"{article} revenue", figures.GetProperty("revenue"));
    }

    private static void Orders(NamedSums ledger, JsonElement part)
    {
        var day = part.GetProperty("day").GetString();
        ledger.Add($"{day} completed", part.GetProperty("completed").GetInt32());
        ledger.Add($"{day} cancelled", part.GetProperty("cancelled"));
        ledger.Add($"{day} revenue", part.GetProperty("revenue"));
        ledger.Add($"{day} lines", part.GetProperty("lines").GetInt64());
        ledger.Add($"{day} pieces", part.GetProperty("pieces").GetInt64());
        ledger.Add($"{day} open", part.GetProperty("openMilliseconds").GetInt64());
    }
}
