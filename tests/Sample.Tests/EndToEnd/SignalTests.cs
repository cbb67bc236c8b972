using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>G2 with a real process: asked to stop while orders are on their way, and started again on the same data.</summary>
public sealed class SignalTests(ITestOutputHelper output) : IDisposable
{
    private readonly KilledProcess _killed = new(output);

    public void Dispose() => _killed.Dispose();

    [Fact]
    public async Task G2_Stopped_by_a_signal_in_the_middle_nothing_is_lost_and_the_exit_code_is_0()
    {
        var process = await FunctionsProcess.StartAsync(_killed.Data);
        await using (process)
        {
            await KilledProcess.SetStockAsync(process.Http);
            for (var i = 0; i < 50; i++)
                await KilledProcess.PlaceAsync(process.Http, "s-" + i.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(0, await process.StopAsync());
        }

        await using var again = await FunctionsProcess.StartAsync(_killed.Data);
        var orders = new List<string>();
        for (var i = 0; i < 50; i++)
            orders.Add(await KilledProcess.PlaceAsync(again.Http, "s-" + i.ToString(CultureInfo.InvariantCulture)));
        await again.Http.WaitUntilFinalAsync(orders);
        await KilledProcess.WaitUntilSettledAsync(again.Http, orders);
        await again.Http.WaitUntilPublishedAsync();
        await again.StopAsync();
        var (completed, cancelled) = await _killed.CheckAsync();
        Assert.Equal(50, completed + cancelled);
    }
}
