using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Functions;

namespace Pipeline.Tests;

/// <content>What must be true of orders, stock, money and parcels.</content>
internal static partial class Invariants
{
    /// <summary>Checks orders, stock, money, parcels, reports, effects and order. Returns how many orders ended completed and cancelled.</summary>
    public static async Task<(int Completed, int Cancelled)> CheckAsync(Func<string, Container> containerOf, IReadOnlyDictionary<string, int> initialStock)
    {
        var problems = new List<string>();
        var (completed, cancelled, reserved, totals) = await OrdersAsync(containerOf(Names.Ordering), problems);
        await StockAsync(containerOf(Names.Inventory), initialStock, reserved, problems);
        var gateways = await AllAsync(containerOf(Names.Gateways), null);
        Money(gateways, totals, problems);
        Parcels(gateways, await AllAsync(containerOf(Names.Shipping), "state"), totals, problems);
        foreach (var name in Containers)
            await RecordsAsync(containerOf(name), problems);
        problems.AddRange(await ReportInvariants.ProblemsAsync(containerOf));
        Assert.True(problems.Count == 0, string.Join('\n', problems.Take(20)));
        return (completed, cancelled);
    }

    private static async Task<(int Completed, int Cancelled, Dictionary<string, int> Reserved, Dictionary<string, decimal?> Totals)> OrdersAsync(
        Container container, List<string> problems)
    {
        int completed = 0, cancelled = 0;
        var reserved = new Dictionary<string, int>(StringComparer.Ordinal);
        var totals = new Dictionary<string, decimal?>(StringComparer.Ordinal);
        foreach (var stream in await StreamsAsync(container))
        {
            var (orderId, types) = (stream.Key, stream.Select(TypeOf).ToList());
            var placed = stream.Single(e => TypeOf(e) == "OrderPlaced").GetProperty("data");
            if (types.Distinct().Count() != types.Count)
                problems.Add($"{orderId}: an effect happened twice: {string.Join(", ", types)}");
            var isCompleted = types[^1] == "OrderCompleted";
            if (!isCompleted && types[^1] != "OrderCancelled")
                problems.Add($"{orderId}: not final: {string.Join(", ", types)}");
            _ = isCompleted ? completed++ : cancelled++;
            totals[orderId] = isCompleted ? placed.GetProperty("total").GetDecimal() : null;
            if (!isCompleted)
                continue;
            foreach (var line in placed.GetProperty("lines").EnumerateArray())
            {
                var sku = line.GetProperty("sku").GetString()!;
                reserved[sku] = reserved.GetValueOrDefault(sku) + line.GetProperty("quantity").GetInt32();
            }
        }

        return (completed, cancelled, reserved, totals);
    }

    private static async Task StockAsync(
        Container container, IReadOnlyDictionary<string, int> initial, Dictionary<string, int> reserved, List<string> problems)
    {
        foreach (var data in await StatesAsync(container, "sku-"))
        {
            var sku = data.GetProperty("sku").GetString()!;
            if (data.GetProperty("onHand").GetInt32() != initial[sku])
                problems.Add(Invariant($"{sku}: {data.GetProperty("onHand")} on hand, {initial[sku]} at first"));
            if (data.GetProperty("reserved").GetInt32() != reserved.GetValueOrDefault(sku))
                problems.Add(Invariant($"{sku}: {data.GetProperty("reserved")} reserved, completed orders have {reserved.GetValueOrDefault(sku)}"));
        }
    }

    private static void Money(List<JsonElement> gateways, Dictionary<string, decimal?> totals, List<string> problems)
    {
        var balance = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var item in gateways)
        {
            if (!item.TryGetProperty("transaction", out var transaction) || transaction.GetProperty("Declined").ValueKind != JsonValueKind.Null)
                continue;
            var amount = transaction.GetProperty("Amount").GetDecimal();
            var orderId = item.GetProperty("pk").GetString()!;
            var isRefund = item.GetProperty("id").GetString()!.StartsWith("refund-", StringComparison.Ordinal);
            balance[orderId] = balance.GetValueOrDefault(orderId) + (isRefund ? -amount : amount);
        }

        foreach (var (orderId, total) in totals)
        {
            if (balance.GetValueOrDefault(orderId) != (total ?? 0))
                problems.Add(Invariant($"{orderId}: charged minus refunded is {balance.GetValueOrDefault(orderId)}, should be {total ?? 0}"));
        }
    }

    /// <summary>A completed order has one parcel, which was not called back; nobody else has one; and Shipping knows what the carrier knows.</summary>
    private static void Parcels(List<JsonElement> gateways, List<JsonElement> shipments, Dictionary<string, decimal?> totals, List<string> problems)
    {
        var booked = gateways.Where(r => r.TryGetProperty("booking", out var b) && !b.TryGetProperty("declined", out _))
            .ToLookup(r => r.GetProperty("pk").GetString()!, r => r.GetProperty("booking").GetProperty("trackingNumber").GetString()!);
        var recalled = gateways.Where(r => r.TryGetProperty("recall", out _))
            .ToLookup(r => r.GetProperty("pk").GetString()!, r => r.GetProperty("recall").GetProperty("trackingNumber").GetString()!);
        var states = shipments.ToDictionary(s => s.GetProperty("pk").GetString()!, s => s.GetProperty("data").GetProperty("status").GetString()!);
        foreach (var (orderId, total) in totals)
        {
            var (isCompleted, sent, back) = (total is not null, booked[orderId].ToList(), recalled[orderId].ToList());
            if (sent.Count > 1 || back.Count > 1)
                problems.Add($"{orderId}: shipped {sent.Count} times and called back {back.Count} times");
            if (isCompleted != (sent.Except(back).Count() == 1) || back.Except(sent).Any())
                problems.Add($"{orderId}: is {(isCompleted ? "completed" : "cancelled")}, but shipped [{string.Join(", ", sent)}], called back [{string.Join(", ", back)}]");
            var status = states.GetValueOrDefault(orderId);
            var isRight = isCompleted ? status == "shipped" : back.Count > 0 ? status == "recalled" : status is "failed" or "cancelled";
            if (!isRight)
                problems.Add($"{orderId}: is {(isCompleted ? "completed" : "cancelled")}, but its shipment {status}");
        }
    }
}
