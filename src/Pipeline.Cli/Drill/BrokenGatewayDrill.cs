namespace Pipeline.Cli.Drill;

/// <summary>The carrier's system is down for some articles: messages wait for their delayed retry, and their orders are blocked.</summary>
internal sealed class BrokenGatewayDrill : Drill
{
    private readonly List<string> orders = [];

    public override string Name => "broken-gateway";

    public override string Description => "The carrier does not answer: find out what waits and until when, and retry when it is available.";

    public override string Repair => "The carrier fixes its system.";

    public override async Task<string> BreakAsync(DrillSite site, CancellationToken cancellationToken)
    {
        var sku = Sku(site);
        await site.SetCarrierFaultAsync(sku, isBroken: true, cancellationToken);
        for (var number = 1; number <= 5; number++)
            orders.Add(await site.PlaceAsync(sku, number, cancellationToken));
        await site.UntilAsync(
            async () => (await site.StatusAsync(cancellationToken)).BlockedSubjects >= orders.Count, "not every order is blocked", cancellationToken);
        return $"Five customers have paid, order {orders[0]} among them, and nothing is shipped.";
    }

    public override Task RepairAsync(DrillSite site, CancellationToken cancellationToken) =>
        site.SetCarrierFaultAsync(Sku(site), isBroken: false, cancellationToken);

    public override async Task<bool> IsSolvedAsync(DrillSite site, CancellationToken cancellationToken)
    {
        foreach (var order in orders)
        {
            if (await site.OrderAsync(order, cancellationToken) is not { IsCompleted: true })
                return false;
        }

        return IsClear(await site.StatusAsync(cancellationToken));
    }

    private static string Sku(DrillSite site) => $"drill-{site.RunId}-vase";
}
