using Pipeline.BookingApp;
using Pipeline.Local.Cosmos;

namespace Pipeline.Tests;

/// <summary>A commit whose reply is lost was written or not; either way it takes effect once.</summary>
public sealed class AmbiguousCommitTests
{
    private static readonly Dictionary<string, int> Rooms = new(StringComparer.Ordinal) { ["a"] = 10, ["b"] = 1 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task G1_G4_Every_commit_whose_reply_is_lost_takes_effect_once(bool isWritten)
    {
        await using var simulation = new Simulation();
        var lost = 0;
        var isRepetition = false;
        simulation.Cosmos.OnRequest = request =>
        {
            if (request.Resource != CosmosResource.Batch)
                return new ValueTask<CosmosFault>(CosmosFault.None);

            // Every batch is lost once; what is sent again goes through.
            isRepetition = !isRepetition;
            lost += isRepetition ? 1 : 0;
            return new ValueTask<CosmosFault>(
                !isRepetition ? CosmosFault.None : isWritten ? CosmosFault.LoseReplyAfterExecuting : CosmosFault.LoseBeforeExecuting);
        };
        var process = simulation.Start();
        await using (process)
        {
            await process.SetRoomsAsync("a", 10);
            await process.SetRoomsAsync("b", 1);
            await process.BookAsync("1", "g-1", ("a", 2), ("b", 1));
            await process.BookAsync("2", "g-2", ("a", 1), ("b", 5));
            await process.BookAsync("3", SimulatedChargeGateway.DeclinedGuest, ("a", 3));
            await process.BookAsync("4", SimulatedLockGateway.RefusedGuest, ("a", 3));
            await process.RunUntilQuietAsync();
            simulation.Cosmos.OnRequest = null;

            Assert.True(lost > 20, Invariant($"Only {lost} batches were lost."));
            Assert.Equal((1, 3), await Invariants.CheckAsync(process.Container, Rooms));
        }
    }

    [Fact]
    public async Task G2_Cosmos_db_out_of_reach_gives_the_session_back_and_loses_nothing()
    {
        await using var simulation = new Simulation();
        var process = simulation.Start();
        await using (process)
        {
            await process.SetRoomsAsync("a", 10);
            await process.SetRoomsAsync("b", 1);
            await process.BookAsync("1", "g-1", ("a", 2));
            foreach (var relay in process.Relays)
                await process.FeedAsync(relay);
            simulation.Cosmos.OnRequest = _ => new ValueTask<CosmosFault>(CosmosFault.Reply(503));
            var settlement = await process.HandleNextAsync("bookings/rooms");
            Assert.Equal(Consumers.SettlementKind.GiveBack, settlement.Kind);

            simulation.Cosmos.OnRequest = null;
            await process.RunUntilQuietAsync();
            Assert.Equal((1, 0), await Invariants.CheckAsync(process.Container, Rooms));
        }
    }
}
