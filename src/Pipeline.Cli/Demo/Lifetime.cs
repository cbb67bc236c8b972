using Pipeline.Cli.Sample;

namespace Pipeline.Cli.Demo;

/// <summary>When an order was placed and when it became final, by the pipeline's own clock.</summary>
internal sealed record Lifetime(Order Order, DateTimeOffset Placed, DateTimeOffset Final)
{
    public TimeSpan Taken => Final - Placed;

    /// <summary>From the order's history; <see langword="null"/> if it has none.</summary>
    public static Lifetime? Of(Order order)
    {
        if (order.History is not { Count: > 0 } history)
            return null;

        // Events after the final one, such as a refund, are not part of the latency.
        var final = history.FirstOrDefault(entry =>
            entry.Type.Contains("completed", StringComparison.OrdinalIgnoreCase)
            || entry.Type.Contains("cancelled", StringComparison.OrdinalIgnoreCase));
        return new Lifetime(order, history[0].Time, (final ?? history[^1]).Time);
    }
}
