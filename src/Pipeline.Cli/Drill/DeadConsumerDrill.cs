namespace Pipeline.Cli.Drill;

/// <summary>A consumer does not run: its function is disabled. No message fails, so none is dead-lettered; they wait in the broker.</summary>
internal sealed class DeadConsumerDrill : Drill
{
    private readonly List<string> orders = [];

    public override string Name => "dead-consumer";

    public override string Description => "All counters are zero, and customers complain: a consumer's function does not run.";

    public override IReadOnlyList<string> Arguments => ["--AzureWebJobs.inventory-payments.Disabled=true"];

    public override string Repair => "Enable the function again (the pipeline is started again with it).";

    public override async Task<string> BreakAsync(DrillSite site, CancellationToken cancellationToken)
    {
        for (var number = 1; number <= 3; number++)
            orders.Add(await site.PlaceAsync($"drill-{site.RunId}-book", number, cancellationToken));
        foreach (var order in orders)
        {
            await site.UntilAsync(
                async () => await site.OrderAsync(order, cancellationToken) is { Status: "reserved" }, $"order {order} is not reserved", cancellationToken);
        }

        return $"Customers ask why nothing happens with their orders, such as {orders[0]}.";
    }

    public override async Task<bool> IsSolvedAsync(DrillSite site, CancellationToken cancellationToken)
    {
        foreach (var order in orders)
        {
            if (await site.OrderAsync(order, cancellationToken) is not { IsFinal: true })
                return false;
        }

        return true;
    }
}
