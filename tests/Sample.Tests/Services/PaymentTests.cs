using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Ordering;
using Pipeline.Functions;
using Pipeline.Local.Cosmos;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>What the gateway has and the stored payment does not.</summary>
public sealed class PaymentTests
{
    [Fact]
    public async Task G4_A_charge_whose_commit_was_overtaken_by_the_cancellation_is_refunded()
    {
        await using var simulation = new Simulation();
        await using var process = simulation.Start();
        await using var other = simulation.Start();
        await HandleAsync(process, "ordering/payments", Deliveries.Of(new OrderPlaced("o-1", "c-1", "EUR", 10m, [new OrderLine("a", 1, 10m)]), 1));
        var isRaced = false;
        simulation.Cosmos.OnRequest = async request =>
        {
            // The charge is made; before its commit the order is cancelled, by another session of another subscription.
            if (request.Resource == CosmosResource.Batch && !isRaced)
            {
                isRaced = true;
                await HandleAsync(other, "ordering/payments", Deliveries.Of(new OrderCancelled("o-1", "Changed my mind."), 2));
            }

            return CosmosFault.None;
        };

        await HandleAsync(process, "inventory/payments", Deliveries.Of(new StockReserved("o-1"), 3, "inventory"));

        Assert.True(isRaced);
        var moved = (await Invariants.AllAsync(process.Container(Names.Gateways), null)).Select(t => t.GetProperty("id").GetString()).Order();
        Assert.Equal(["charge-o-1", "refund-o-1"], moved);
        var published = (await Invariants.AllAsync(process.Container(Names.Payments), RecordKinds.Outbox)).Single().GetProperty("messages")[0].GetProperty("event");
        Assert.Equal("com.contoso.payments.payment-refunded.v1", published.GetProperty("type").GetString());
    }

    private static async Task HandleAsync(SimulatedProcess process, string consumer, ReceivedMessage delivery) => Assert.Equal(
        SettlementKind.Complete, (await process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, default)).Kind);
}
