using System.Text.Json.Nodes;

namespace Pipeline.Cli.Drill;

/// <summary>An event of a type that this release does not know blocks its subject at one consumer.</summary>
internal sealed class UnknownTypeDrill : Drill
{
    public override string Name => "unknown-type";

    public override string Description => "An event of an unknown type blocks an order: find its sender, then discard it.";

    public override async Task<string> BreakAsync(DrillSite site, CancellationToken cancellationToken)
    {
        var orderId = await site.PlaceAsync($"drill-{site.RunId}-book", 1, cancellationToken);
        await site.UntilFinalAsync(orderId, cancellationToken);
        var unknown = site.Event(
            $"ordering:{orderId}:1000", "ordering", "com.contoso.ordering.order-gift-wrapped.v1", orderId, new JsonObject { ["orderId"] = orderId, ["paper"] = "gold" });
        unknown["sequence"] = "0000000000000001000";
        unknown["partitionkey"] = orderId;
        await site.SendAsync("ordering", "payments", unknown, cancellationToken);
        await site.UntilAsync(
            async () => (await site.StatusAsync(cancellationToken)).BlockedSubjects > 0, "nothing is blocked", cancellationToken);
        return "The alert 'A subject is blocked for too long' fired. No customer has complained yet.";
    }

    public override async Task<bool> IsSolvedAsync(DrillSite site, CancellationToken cancellationToken) => IsClear(await site.StatusAsync(cancellationToken));
}
