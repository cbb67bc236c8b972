using Pipeline.TestFunctions;

namespace Pipeline.Tests.Hosting;

public sealed class TimerTriggerTests
{
    /// <summary>When a broker clock begins.</summary>
    private static readonly DateTimeOffset Midnight = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Function_runs_at_each_occurrence_and_not_before()
    {
        var clock = new BrokerClock();
        await using var platform = TestPlatform.Open(clock);
        await using var host = await TestHost.StartAsync(platform, "TimerEveryMinute");
        for (var minute = 1; minute <= 2; minute++)
        {
            // Only when the listener waits for it: one that was still busy would leave the occurrence out, as it should.
            await clock.WaitForTimerAsync(Midnight.AddMinutes(minute));
            clock.Advance(TimeSpan.FromSeconds(59));
            Assert.Equal(minute - 1, host.Probe.Seen.Count);
            clock.Advance(TimeSpan.FromSeconds(1));
            await host.Probe.WaitAsync(minute);
        }

        Assert.Equal(["last 0 next 00:02:00", "last 00:01:00 next 00:03:00"], host.Probe.Seen.Take(2));
    }

    [Fact]
    public async Task Run_on_startup_runs_at_once()
    {
        await using var platform = TestPlatform.Open(new BrokerClock());
        await using var host = await TestHost.StartAsync(platform, "TimerOnStartup");
        await host.Probe.WaitAsync(1);
    }

    [Fact]
    public async Task Schedule_comes_from_a_setting_and_may_be_a_duration()
    {
        var clock = new BrokerClock();
        await using var platform = TestPlatform.Open(clock);
        await using var host = await TestHost.StartAsync(platform, "TimerSetting", settings: ["--Schedule", "00:00:30"]);
        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(10), host.Probe, 3);
    }

    [Fact]
    public async Task Function_never_overlaps_with_itself()
    {
        var clock = new BrokerClock();
        await using var platform = TestPlatform.Open(clock);
        await using var host = await TestHost.StartAsync(platform, "TimerSetting", settings: ["--Schedule", "00:00:01"]);
        var done = new TaskCompletionSource();
        host.Probe.OnSeen = _ => done.Task;
        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(1), host.Probe, 1);
        for (var i = 0; i < 10; i++)
            clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(host.Probe.Seen);
        done.SetResult();
        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(1), host.Probe, 2);
    }

    [Fact]
    public async Task Failed_run_is_run_again_as_its_retry_attribute_says_and_no_oftener()
    {
        var clock = new BrokerClock();
        await using var platform = TestPlatform.Open(clock);
        await using var host = await TestHost.StartAsync(platform, "TimerRetry");
        host.Probe.OnSeen = line => line.StartsWith("done", StringComparison.Ordinal) ? Task.CompletedTask : throw new InvalidOperationException("planted");
        await AdvanceUntilAsync(clock, TimeSpan.FromMinutes(1), host.Probe, 4);
        Assert.Equal(["first of -", "retry 1 of 2", "retry 2 of 2", "first of -"], host.Probe.Seen.Take(4));
    }

    // A listener starts to wait when it gets to run, so time is moved on until the effect is there.
    private static async Task AdvanceUntilAsync(BrokerClock clock, TimeSpan step, Probe probe, int count)
    {
        for (var i = 0; i < 2000 && probe.Seen.Count < count; i++)
        {
            await Task.Delay(5);
            clock.Advance(step);
        }

        await probe.WaitAsync(count);
    }
}
