using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>G9 with host and embedded services in one process and the app in another, which ends with it.</summary>
public sealed class TwoProcessKillTests(ITestOutputHelper output) : IDisposable
{
    private readonly KilledProcess _killed = new(output);

    public void Dispose() => _killed.Dispose();

    [Fact]
    public Task G2_G4_G9_With_the_app_in_a_process_beside_the_host_every_order_ends_once_and_nothing_is_lost() =>
        _killed.KillUnderLoadAsync(3, () => FunctionsProcess.StartInTwoAsync(_killed.Data));
}
