using System.Text.Json.Nodes;

namespace Pipeline.Cli.Drill;

/// <summary>A commit whose message the relay cannot publish: another release wrote it, and was rolled back.</summary>
internal sealed class QuarantineDrill : Drill
{
    public override string Name => "quarantine";

    public override string Description => "A commit cannot be published, because a release that was rolled back wrote it: find it and decide.";

    public override async Task<string> BreakAsync(DrillSite site, CancellationToken cancellationToken)
    {
        var orderId = await site.PlaceAsync($"drill-{site.RunId}-book", 1, cancellationToken);
        await site.UntilFinalAsync(orderId, cancellationToken);
        await site.UntilAsync(
            async () => (await site.StatusAsync(cancellationToken)).Unpublished == 0, "something is still to be published", cancellationToken);
        var number = (await site.OrderAsync(orderId, cancellationToken))!.Position + 1;
        var archived = site.Event(
            string.Create(CultureInfo.InvariantCulture, $"ordering:{orderId}:{number}"), "ordering", "com.contoso.ordering.order-archived.v1", orderId, new JsonObject { ["orderId"] = orderId });
        archived["sequence"] = number.ToString("D19", CultureInfo.InvariantCulture);
        archived["partitionkey"] = orderId;
        var record = new JsonObject
        {
            ["id"] = "out:" + number.ToString("D19", CultureInfo.InvariantCulture),
            ["pk"] = orderId,
            ["kind"] = "outbox",
            ["first"] = number,
            ["last"] = number,
            ["committedAt"] = site.Now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            ["correlationIds"] = new JsonArray($"drill-{site.RunId}"),
            ["messages"] = new JsonArray(new JsonObject { ["number"] = number, ["to"] = "ordering", ["event"] = archived }),
        };
        await site.WriteAsync("ordering", record, cancellationToken);
        await site.UntilAsync(async () => (await site.StatusAsync(cancellationToken)).Quarantined > 0, "the commit is not quarantined", cancellationToken);
        return "Yesterday's release was rolled back. Since then the alert 'Outbox messages are quarantined' is on.";
    }

    public override async Task<bool> IsSolvedAsync(DrillSite site, CancellationToken cancellationToken) => IsClear(await site.StatusAsync(cancellationToken));
}
