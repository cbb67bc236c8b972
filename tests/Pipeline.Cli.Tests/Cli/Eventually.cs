namespace Pipeline.Tests.Cli;

/// <summary>Waits for what happens soon on an idle machine, and somewhat later on a busy one.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<bool> condition)
    {
        var until = DateTime.UtcNow + Patience;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < until, "Waited in vain.");
            await Task.Delay(10);
        }
    }
}
