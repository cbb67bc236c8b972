using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pipeline.Cli.Drill;

/// <summary>A partner sends an event that violates its contract. The solution is an edit and a replay.</summary>
internal sealed class PoisonDrill : Drill
{
    private string orderId = "";

    public override string Name => "poison";

    public override string Description => "A partner's event violates its contract: find it, edit it, replay it.";

    public override async Task<string> BreakAsync(DrillSite site, CancellationToken cancellationToken)
    {
        orderId = await site.PlaceAsync($"drill-{site.RunId}-book", 1, cancellationToken);
        await site.UntilFinalAsync(orderId, cancellationToken);
        var data = new JsonObject { ["orderId"] = orderId, ["deliveredAt"] = "31.12.2026 17:05", ["signedBy"] = "Zoë Adjei" };
        await site.SendAsync(
            "webhooks", "carrier",
            site.Event($"carrier-{site.RunId}", "https://carrier.example/parcels", "com.contoso.carrier.parcel-delivered.v1", $"parcel-{orderId}", data),
            cancellationToken);
        await site.UntilAsync(
            async () => (await site.StatusAsync(cancellationToken)).OpenDeadLetters > 0, "the event is not dead-lettered", cancellationToken);
        return $"A customer has the parcel of order {orderId} and has signed for it, but the order is shown as under way.";
    }

    public override async Task<bool> IsSolvedAsync(DrillSite site, CancellationToken cancellationToken) =>
        IsClear(await site.StatusAsync(cancellationToken))
        && (await site.ShipmentAsync(orderId, cancellationToken)).TryGetProperty("deliveredAt", out var time) && time.ValueKind == JsonValueKind.String;
}
