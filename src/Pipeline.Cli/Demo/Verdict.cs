using Pipeline.Cli.Sample;

namespace Pipeline.Cli.Demo;

/// <summary>A report with its sources.</summary>
internal sealed record Verdict(
    DemoReport Report,
    IReadOnlyList<string> Lost,
    IReadOnlyList<string> DuplicateEffects,
    IReadOnlyList<string> OrderViolations,
    IReadOnlyDictionary<string, int> CancelledByReason,
    Order? Sample)
{
    public static Verdict Of(Evidence evidence)
    {
        var orders = evidence.Placed
            .Select(placed => evidence.Orders.GetValueOrDefault(placed.OrderId))
            .OfType<Order>()
            .ToList();
        var spans = orders.Where(order => order.IsFinal).Select(Lifetime.Of).OfType<Lifetime>().OrderBy(span => span.Taken).ToList();
        var lost = Checks.Lost(evidence);
        var twice = Checks.DuplicateEffects(evidence);
        var disorder = evidence.Handled.Violations();
        var report = new DemoReport(
            evidence.Placed.Count,
            orders.Count(order => order.IsCompleted),
            orders.Count(order => order.IsCancelled),
            evidence.DeadLettered,
            evidence.Replayed,
            lost.Count,
            twice.Count,
            disorder.Count,
            Rate(evidence.Placed.Count, spans),
            new LatencyMs(Percentile(spans, 50), Percentile(spans, 99)));
        var reasons = orders.Where(order => order.IsCancelled)
            .GroupBy(order => order.Reason ?? "no reason given", StringComparer.Ordinal)
            .OrderByDescending(group => group.Count())
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);

        // A typical order is the best example: the completed one in the middle.
        var completed = spans.Where(span => span.Order.IsCompleted).ToList();
        var sample = completed.Count > 0 ? completed[completed.Count / 2].Order : orders.FirstOrDefault();
        return new Verdict(report, lost, twice, disorder, reasons, sample);
    }

    private static double Rate(int orders, List<Lifetime> spans)
    {
        if (spans.Count == 0)
            return 0;

        var seconds = (spans.Max(span => span.Final) - spans.Min(span => span.Placed)).TotalSeconds;
        return seconds <= 0 ? 0 : Math.Round(orders / seconds, 1);
    }

    /// <summary>Nearest rank.</summary>
    private static double Percentile(List<Lifetime> sorted, int percent)
    {
        if (sorted.Count == 0)
            return 0;

        var rank = (int)Math.Ceiling(sorted.Count * percent / 100.0);
        return Math.Round(sorted[Math.Clamp(rank, 1, sorted.Count) - 1].Taken.TotalMilliseconds, 1);
    }
}
