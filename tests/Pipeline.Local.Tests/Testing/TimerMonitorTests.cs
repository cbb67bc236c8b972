using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local;
using Pipeline.Local.Testing;
using Pipeline.TestFunctions;

namespace Pipeline.Tests.Testing;

/// <summary>What timers remember, and which host runs them.</summary>
public sealed class TimerMonitorTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();
    private readonly ManualTimeProvider _clock = new();
    private readonly Probe _probe = new();

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Runs_missed_while_nothing_ran_are_made_up_for_once()
    {
        await using (var host = await StartAsync("ph-monitored", "ph-unmonitored"))
            await host.AdvanceAsync(TimeSpan.FromHours(1));
        _clock.Advance(TimeSpan.FromHours(3.5));
        await using (var host = await StartAsync("ph-monitored", "ph-unmonitored"))
        {
            await host.WaitUntilQuietAsync();
            await host.AdvanceAsync(TimeSpan.FromHours(1));
        }

        Assert.Equal(
            [
                "monitored at 01 01:00 last 01 00:00 next 01 02:00", // never: the default
                "monitored at 01 04:30 last 01 01:00 next 01 05:00 past due",
                "monitored at 01 05:00 last 01 04:30 next 01 06:00",
            ],
            _probe.Seen.Where(l => l.StartsWith("mon", StringComparison.Ordinal)));
        Assert.Equal(["unmonitored at 01 01:00", "unmonitored at 01 05:00"], _probe.Seen.Where(l => l.StartsWith("un", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_timer_that_runs_oftener_than_every_minute_is_not_monitored()
    {
        await using var host = await StartAsync("ph-frequent");
        await host.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["frequent"], _probe.Seen);
    }

    [Fact]
    public async Task One_host_of_several_runs_a_timer_and_another_one_after_it_crashed()
    {
        await using var host = await StartAsync("ph-unmonitored");
        var second = await host.AddHostAsync("ph-unmonitored");
        await host.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Equal(2, _probe.Seen.Count);

        await host.CrashHostAsync(host.Host);
        await host.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(3, _probe.Seen.Count);
        Assert.Equal(second.Name, host.Invocations("ph-unmonitored")[^1].Host);
    }

    [Fact]
    public async Task A_damaged_file_is_an_error_that_says_what_to_do()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "timers.json"), "{");
        var error = await Assert.ThrowsAsync<StartupException>(() => StartAsync("ph-monitored"));
        Assert.Contains("Delete it", error.Message, StringComparison.Ordinal);
    }

    private Task<PipelineHost> StartAsync(params string[] functions) => PipelineHost.StartAsync(new PipelineHostOptions
    {
        FunctionsAssembly = typeof(HostFunctions).Assembly,
        Functions = functions,
        TopologyPath = Path.Combine(AppContext.BaseDirectory, "Testing", "ph-topology.json"),
        HostJsonPath = Path.Combine(AppContext.BaseDirectory, "Testing", "parcels-host.json"),
        Configure = builder => builder.Services.AddSingleton(_probe).AddSingleton(TimeProvider.System),
        TimeProvider = _clock,
        DataDirectory = _directory.FullName,
    });
}
