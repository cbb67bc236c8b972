namespace Pipeline.Cli.Drill;

/// <summary>Cosmos DB throttles: nothing fails for good, but everything is slow.</summary>
internal sealed class ThrottlingDrill : Drill
{
    private readonly List<string> orders = [];

    public override string Name => "throttling";

    public override string Description => "Cosmos DB answers 429 most of the time: distinguish slow from broken, and find the cause.";

    public override IReadOnlyList<string> Arguments => ["--Local:CosmosFaults=429=0.8:200"];

    public override string Repair => "Raise the throughput of the Cosmos DB account (the pipeline is started again without the throttling).";

    public override async Task<string> BreakAsync(DrillSite site, CancellationToken cancellationToken)
    {
        for (var number = 1; number <= 3; number++)
            orders.Add(await site.PlaceAsync($"drill-{site.RunId}-book", number, cancellationToken));
        return $"The shop is slow, and some requests get 503. Order {orders[0]} takes very long.";
    }

    public override async Task<bool> IsSolvedAsync(DrillSite site, CancellationToken cancellationToken)
    {
        foreach (var order in orders)
        {
            if (await site.OrderAsync(order, cancellationToken) is not { IsFinal: true })
                return false;
        }

        return IsClear(await site.StatusAsync(cancellationToken));
    }
}
