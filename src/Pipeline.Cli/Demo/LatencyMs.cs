namespace Pipeline.Cli.Demo;

/// <summary>Milliseconds from placed to final, from the orders' own histories.</summary>
internal sealed record LatencyMs(double P50, double P99);
