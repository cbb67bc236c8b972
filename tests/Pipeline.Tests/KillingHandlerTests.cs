using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.BookingApp;
using Pipeline.Failures;

namespace Pipeline.Tests;

/// <summary>A handler that kills its process every time is given up, with its followers behind it and not past it.</summary>
public sealed class KillingHandlerTests
{
    private const string Consumer = "bookings/charges";

    [Fact]
    public async Task G3_G5_G9_A_message_that_kills_every_process_ends_in_the_ledger_with_its_followers_behind_it()
    {
        await using var simulation = new Simulation();
        var process = await BookAndCancelAsync(simulation);
        var deaths = 0;
        FaultPlan plan;
        do
        {
            Assert.True(deaths < 20, "It is never given up.");
            plan = new FaultPlan();
            UseGateway(simulation, plan);
            process = simulation.Restart(plan);
            try
            {
                await process.RunUntilQuietAsync();
            }
            catch (CrashException)
            {
                deaths++;
            }
        }
        while (plan.IsDead);

        Assert.Equal(new Consumers.ConsumerOptions().MaxDeliveries, deaths);
        await AssertBlockedAsync(process, DeadLetterReasons.AttemptsExhausted);
        await process.DisposeAsync();
    }

    [Fact]
    public async Task G3_G6_A_message_that_the_broker_itself_dead_letters_blocks_what_follows()
    {
        await using var simulation = new Simulation();
        await using var process = await BookAndCancelAsync(simulation);

        // Whatever made the broker do it: the message goes to the dead-letter queue without our code having a say.
        await process.DeadLetterNextAsync(Consumer);
        await process.TakeInAsync(Consumer);
        UseGateway(simulation, null);
        await process.RunUntilQuietAsync();

        await AssertBlockedAsync(process, "ByTheBroker");
    }

    /// <summary>A booking whose rooms are reserved, so that its BookingMade, which waits at Charges, leads to a charge; and BookingCancelled behind it.</summary>
    private static async Task<SimulatedProcess> BookAndCancelAsync(Simulation simulation)
    {
        UseGateway(simulation, null);
        var process = simulation.Start();
        await process.SetRoomsAsync("a", 10);
        await process.BookAsync("1", "g-1", ("a", 2));
        await process.RunUntilQuietAsync(Consumer);
        await process.CancelAsync("b-1");
        await process.RunUntilQuietAsync(Consumer);
        return process;
    }

    private static async Task AssertBlockedAsync(SimulatedProcess process, string reason)
    {
        var entries = (await Invariants.AllAsync(process.Container(Names.Charges), "deadletter")).OrderBy(e => e.GetProperty("place").GetString(), StringComparer.Ordinal).ToList();
        Assert.Equal([reason, DeadLetterReasons.BlockedByPredecessor], entries.Select(e => e.GetProperty("reason").GetString()));
        Assert.All(entries, e => Assert.True(e.GetProperty("open").GetBoolean()));
        Assert.DoesNotContain(await Invariants.AllAsync(process.Container(Names.Charges), "inbox"), r => r.GetProperty("consumer").GetString() == Consumer);
    }

    private static void UseGateway(Simulation simulation, FaultPlan? deadly) =>
        simulation.Configure = services => services.AddSingleton<IChargeGateway>(p => new FailingGateway(failing: false)
        {
            OnCall = () =>
            {
                deadly?.Die();
                return Task.CompletedTask;
            },
        }.Over(new SimulatedChargeGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), simulation.Clock)));
}
