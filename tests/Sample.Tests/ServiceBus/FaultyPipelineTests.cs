using Pipeline.Local.ServiceBus;

namespace Pipeline.Tests;

public sealed class FaultyPipelineTests
{
    /// <summary>All faults but throttling at once, after which the client pauses for ten seconds, and every tenth message twice: nothing is lost, done twice or out of order.</summary>
    [Fact]
    public async Task Orders_survive_all_faults_of_Service_Bus()
    {
        await using var pipeline = await RunningPipeline.StartAsync();
        pipeline.Platform.Broker.DuplicateMessages(0.1, new Random(7));
        pipeline.Platform.Broker.Faults = ServiceBusFaults.Parse(
            "drop=0.02,lost=0.01,lock=0.01,redeliver=0.01,latency=0.1:5", new Random(7), TimeProvider.System);
        var orders = await pipeline.PlaceOrdersAsync(TestLoad.Of(60));
        var (completed, _) = await pipeline.SettleAndCheckAsync(orders);

        Assert.True(completed > orders.Count / 2, Invariant($"Only {completed} orders were completed."));
    }
}
