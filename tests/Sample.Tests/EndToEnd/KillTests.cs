using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>G9 with a real process: <c>kill -9</c> under load and restart on the same data, again and again.</summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private readonly KilledProcess _killed = new(output);

    public void Dispose() => _killed.Dispose();

    [Fact]
    public Task G2_G4_G9_Killed_ten_times_under_load_every_order_ends_once_and_nothing_is_lost() =>
        _killed.KillUnderLoadAsync(10, () => FunctionsProcess.StartAsync(_killed.Data));
}
