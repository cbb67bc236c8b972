using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.Http;
using Pipeline.CloudEvents;
using Pipeline.Commands;
using Pipeline.Contracts;
using Pipeline.Services.Analytics;
using Pipeline.Services.Ordering;
using Pipeline.Services.Reporting;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;

namespace Pipeline.Functions;

/// <summary>Sales figures of Analytics, and the reports of Reporting.</summary>
public sealed class SalesApi(CommandRunner<Sales> sales, CommandRunner<DailyReport> reports, CommandRunner<DailyOrders> orders)
{
    /// <summary><c>GET /api/sales/{day}/{sku}</c>: the current figures of an article on a day, or 404.</summary>
    [Function("get-sales")]
    [ApiOperation("Returns the figures of an article on a day.", Returns = typeof(SalesFigures))]
    public async Task<IResult> Sales(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "sales/{day}/{sku}")] HttpRequest request,
        string day,
        string sku,
        CancellationToken cancellationToken)
    {
        if (ValidateQuery(request) is { } unusable)
            return unusable;
        if (!IsDay(day))
            return NoDay(day);
        if (!PlaceOrder.IsName(sku))
            return NotFound($"article '{sku}'");
        return await GuardAsync(request, async () =>
        {
            var (figures, number) = await sales.ReadWithNumberAsync(ContractCatalog.SalesPartition(day, sku), cancellationToken);
            return figures is null
                ? NotFound($"sale of '{sku}' on {day}")
                : Results.Json(new SalesFigures(figures.Day, figures.Sku, figures.Orders, figures.Quantity, figures.Revenue, number), SampleJson.Readable.SalesFigures);
        });
    }

    /// <summary><c>GET /api/reports/{day}</c>: the sales of a day, by article and in total, and how its orders ended.</summary>
    [Function("get-report")]
    [ApiOperation("Returns what was sold on a day, and how its orders ended.", Returns = typeof(ReportBody))]
    public async Task<IResult> Report(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "reports/{day}")] HttpRequest request, string day, CancellationToken cancellationToken)
    {
        if (ValidateQuery(request) is { } unusable)
            return unusable;
        if (!IsDay(day))
            return NoDay(day);
        return await GuardAsync(request, async () =>
        {
            var closed = Task.WhenAll(Enumerable.Range(0, DailyOrders.Parts)
                .Select(part => orders.ReadAsync(DailyOrders.PartitionOf(day, part), cancellationToken)));
            var parts = await Task.WhenAll(Enumerable.Range(0, DailyReport.Parts)
                .Select(part => reports.ReadAsync(DailyReport.PartitionOf(day, part), cancellationToken)));
            var figures = parts.SelectMany(p => p.State?.Articles.Values ?? []).OrderBy(f => f.Sku, StringComparer.Ordinal).ToList();
            var revenue = figures.SelectMany(f => f.Revenue).GroupBy(r => r.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(r => r.Value), StringComparer.Ordinal);
            var all = DailyOrders.Sum(day, (await closed).Select(p => p.State).OfType<DailyOrders>());
            return Results.Json(
                new ReportBody(
                    day,
                    figures.Count,
                    figures.Sum(f => f.Quantity),
                    revenue,
                    new ReportedOrders(all.Completed, all.Cancelled, all.Revenue, all.Lines, all.Pieces, all.MeanMinutes()),
                    figures),
                SampleJson.Readable.ReportBody);
        });
    }

    private static bool IsDay(string day) => Rfc3339.TryReadDate(day, out _);

    private static IResult NoDay(string day) => Problem(SampleProblems.DayInvalid, $"'{day}' is not a day; send it as 2026-12-31, in UTC.");
}
