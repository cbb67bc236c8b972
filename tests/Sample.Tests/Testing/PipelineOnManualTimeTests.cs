using Pipeline.Local.Testing;

namespace Pipeline.Tests.Testing;

public sealed class PipelineOnManualTimeTests
{
    [Fact]
    public async Task Orders_come_to_their_end_on_a_clock_that_only_the_test_moves()
    {
        await using var pipeline = await RunningPipeline.StartOnAsync(new ManualTimeProvider());
        var orders = await pipeline.PlaceOrdersAsync(40);

        for (var minutes = 0; minutes < 15 && !await AllFinalAsync(pipeline, orders); minutes++)
            await pipeline.Host.AdvanceAsync(TimeSpan.FromMinutes(1));

        var result = await pipeline.SettleAndCheckAsync(orders);
        Assert.True(result.Completed > 0 && result.Cancelled > 0);
        Assert.DoesNotContain(pipeline.Host.Invocations(), i => !i.Succeeded);
    }

    private static async Task<bool> AllFinalAsync(RunningPipeline pipeline, IEnumerable<string> orders)
    {
        foreach (var order in orders)
        {
            if (await pipeline.Http.StatusAsync(order) is not ("completed" or "cancelled"))
                return false;
        }

        return true;
    }
}
