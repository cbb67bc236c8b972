using System.Net;
using Azure.Messaging;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local;
using Pipeline.Local.Testing;
using Pipeline.TestFunctions;

namespace Pipeline.Tests.Testing;

public sealed class PipelineHostTests
{
    private readonly Probe _probe = new();

    [Fact]
    public async Task Every_kind_of_trigger_has_run_when_it_is_quiet()
    {
        await using var host = await StartAsync("ph-http", "ph-session", "ph-plain", "ph-feed", "ph-event");

        await host.ServiceBus.SendAsync("sessions", "1", "s");
        await host.ServiceBus.SendAsync("plain", "2");
        await WriteAsync(host, "3");
        await host.EventGrid.PublishAsync(new CloudEvent("source", "t", new { }) { Id = "4" });
        Assert.Equal("five", await host.Http.GetStringAsync("api/ph/five"));
        var pending = await host.WaitUntilQuietAsync();

        Assert.Equal(["event 4", "feed 3", "http five", "plain 2", "session s 1"], _probe.Seen.Order());
        Assert.Empty(pending);
        Assert.Equal("GET /api/ph/five", Assert.Single(host.Invocations("ph-http")).Input);
        Assert.Equal("message", Assert.Single(host.Invocations("ph-session")).Input.Split(' ')[0]);
    }

    [Fact]
    public async Task A_thousand_changes_and_messages_are_all_handled_when_it_is_quiet()
    {
        await using var host = await StartAsync("ph-session", "ph-plain", "ph-feed");
        for (var round = 1; round <= 20; round++)
        {
            for (var i = 0; i < 10; i++)
            {
                await host.ServiceBus.SendAsync("sessions", Invariant($"{round}-{i}"), Invariant($"s{i % 3}"));
                await host.ServiceBus.SendAsync("plain", Invariant($"{round}-{i}"));
                await WriteAsync(host, Invariant($"{round}-{i}"));
            }

            await host.WaitUntilQuietAsync();
            Assert.Equal(round * 30, _probe.Seen.Count);
        }
    }

    [Fact]
    public async Task What_is_still_busy_is_named_when_time_is_up()
    {
        await using var host = await StartAsync("ph-session");
        var release = new TaskCompletionSource();
        _probe.OnSeen = _ => release.Task;
        await host.ServiceBus.SendAsync("sessions", "1", "s");
        await _probe.WaitAsync(1);

        var error = await Assert.ThrowsAsync<NotQuietException>(() => host.WaitUntilQuietAsync(TimeSpan.FromMilliseconds(50)));

        Assert.Equal("ph-session handles session s of sessions", Assert.Single(error.Busy));
        release.SetResult();
        await host.WaitUntilQuietAsync();
    }

    [Fact]
    public async Task Time_drives_timers_locks_schedules_and_retries()
    {
        await using var host = await StartAsync("ph-session", "ph-timer", "ph-feed");
        host.Fail("ph-feed");
        await WriteAsync(host, "late");
        await host.ServiceBus.SendAsync("sessions", new ServiceBusMessage("scheduled") { SessionId = "s", ScheduledEnqueueTime = host.Now.AddMinutes(3) });

        var pending = await host.WaitUntilQuietAsync();
        Assert.Equal([PendingKind.Retry, PendingKind.Scheduled, PendingKind.Timer], pending.Select(p => p.Kind));
        Assert.Empty(_probe.Seen);

        await host.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(["feed late"], _probe.Seen);
        Assert.Equal([0, 1], host.Invocations("ph-feed").Select(i => i.Retry));
        await host.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(["feed late", "session s scheduled"], _probe.Seen);
        await host.AdvanceAsync(TimeSpan.FromMinutes(7));
        Assert.Equal(["feed late", "session s scheduled", "timer 00:05", "timer 00:10"], _probe.Seen);
    }

    [Fact]
    public async Task A_function_that_pauses_is_pending_until_the_time_comes()
    {
        await using var host = await StartAsync("ph-slow");
        await host.ServiceBus.SendAsync("plain", "1");

        var pending = await host.WaitUntilQuietAsync();
        Assert.Contains(pending, p => p is { Kind: PendingKind.Delay, Name: "ph-slow" } && p.Due == host.Now.AddSeconds(30));
        Assert.Empty(_probe.Seen);

        await host.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["slow 1"], _probe.Seen);
    }

    [Fact]
    public async Task A_week_of_retries_of_Event_Grid_ends_in_a_dead_letter()
    {
        await using var host = await StartAsync("ph-event");
        host.Fail("ph-event", int.MaxValue);
        await host.EventGrid.PublishAsync(new CloudEvent("source", "t", new { }) { Id = "e" });

        await host.AdvanceAsync(TimeSpan.FromDays(7));

        var letter = Assert.Single(host.EventGrid.DeadLetters);
        Assert.Equal(("TO-FUNCTION", "e", "TimeToLiveExceeded"), (letter.Subscription, letter.Id, letter.Reason));
        Assert.Equal(host.Invocations("ph-event").Count, letter.Attempts);
    }

    [Fact]
    public async Task A_crashed_host_keeps_its_locks_until_they_run_out()
    {
        await using var host = await StartAsync("ph-session");
        var never = new TaskCompletionSource();
        _probe.OnSeen = _ => never.Task;
        await host.ServiceBus.SendAsync("sessions", "1", "s");
        await _probe.WaitAsync(1);

        await host.CrashHostAsync(host.Host);
        _probe.OnSeen = _ => Task.CompletedTask;
        await host.AddHostAsync("ph-session");
        var pending = await host.WaitUntilQuietAsync();
        Assert.Equal(PendingKind.Locked, Assert.Single(pending).Kind);
        Assert.Single(_probe.Seen);

        await host.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(["session s 1", "session s 1"], _probe.Seen);
        Assert.Contains("delivery 2", host.Invocations("ph-session")[^1].Input, StringComparison.Ordinal);
        never.SetResult();
    }

    [Fact]
    public async Task A_host_takes_up_the_change_feed_of_one_that_crashed()
    {
        await using var host = await StartAsync("ph-feed");
        await host.AddHostAsync("ph-plain");
        await WriteAsync(host, "1");
        await host.WaitUntilQuietAsync();

        await host.CrashHostAsync(host.Host);
        await WriteAsync(host, "2");
        await host.AddHostAsync("ph-feed");
        await host.WaitUntilQuietAsync();

        Assert.Equal("feed 2", _probe.Seen[^1]);
    }

    [Fact]
    public async Task Faults_reach_the_app_and_are_named_in_what_was_seen()
    {
        await using var host = await StartAsync("ph-plain");
        host.Fail("ph-plain", 2, () => new TimeoutException("planted"));
        await host.ServiceBus.SendAsync("plain", "1");
        await host.WaitUntilQuietAsync();

        Assert.Equal([false, false, true], host.Invocations("ph-plain").Select(i => i.Succeeded));
        Assert.Equal("planted", host.Invocations("ph-plain")[0].Exception!.Message);
        Assert.Contains(host.LogLines, line => line.StartsWith("Error: ph-plain failed", StringComparison.Ordinal));

        host.ServiceBus.FailSends();
        await Assert.ThrowsAsync<ServiceBusException>(() => host.ServiceBus.Client.CreateSender("plain").SendMessageAsync(new ServiceBusMessage("2")));
        host.EventGrid.FailPublishes();
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => host.EventGrid.PublishAsync(new CloudEvent("s", "t", new { })));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        host.Cosmos.FailWrites(HttpStatusCode.Forbidden);
        var forbidden = await Assert.ThrowsAsync<CosmosException>(() => WriteAsync(host, "3"));
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        await WriteAsync(host, "4");
    }

    [Fact]
    public async Task A_timer_runs_when_it_is_told_to()
    {
        await using var host = await StartAsync("ph-timer", "ph-plain");

        Assert.True(await host.RunTimerAsync("ph-timer"));
        Assert.Equal(["timer 00:00"], _probe.Seen);
        Assert.Contains("Timer functions: ph-timer", (await Assert.ThrowsAsync<ArgumentException>(() => host.RunTimerAsync("ph-tmer"))).Message, StringComparison.Ordinal);
        Assert.Contains("no timer function", (await Assert.ThrowsAsync<ArgumentException>(() => host.RunTimerAsync("ph-plain"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Misuse_is_told()
    {
        await using (var real = await StartAsync(TimeProvider.System, "ph-plain"))
        {
            var error = await Assert.ThrowsAsync<InvalidOperationException>(() => real.AdvanceAsync(TimeSpan.FromSeconds(1)));
            Assert.Contains("ManualTimeProvider", error.Message, StringComparison.Ordinal);
            Assert.Contains("Did you mean ph-plain?", Assert.Throws<ArgumentException>(() => real.Invocations("ph-plein")).Message, StringComparison.Ordinal);
            await real.StopHostAsync(real.Host);
            Assert.Contains("AddHostAsync", Assert.Throws<InvalidOperationException>(() => real.Host).Message, StringComparison.Ordinal);
        }

        var options = new PipelineHostOptions { FunctionsAssembly = typeof(HostFunctions).Assembly, Settings = new Dictionary<string, string> { ["Local__HttpPort"] = "1" } };
        Assert.Contains("PipelineHostOptions", (await Assert.ThrowsAsync<StartupException>(() => PipelineHost.StartAsync(options))).Message, StringComparison.Ordinal);
        options = new PipelineHostOptions { FunctionsAssembly = typeof(HostFunctions).Assembly, TopologyPath = "nowhere.json" };
        Assert.Contains("the page 'Testing'", (await Assert.ThrowsAsync<StartupException>(() => PipelineHost.StartAsync(options))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_sent_where_they_are_asked_for()
    {
        await using var host = await PipelineHost.StartAsync(Options(new ManualTimeProvider(), keys: true, "ph-http"));

        Assert.Equal("me", await host.Http.GetStringAsync("api/ph/me"));
        using var stranger = new HttpClient { BaseAddress = host.Host.Address };
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("api/ph/me")).StatusCode);
    }

    private static Task WriteAsync(PipelineHost host, string id) =>
        host.Cosmos.Container("db", "items").CreateItemAsync(new Dictionary<string, string> { ["id"] = id, ["pk"] = id }, new PartitionKey(id));

    private Task<PipelineHost> StartAsync(params string[] functions) => StartAsync(new ManualTimeProvider(), functions);

    private Task<PipelineHost> StartAsync(TimeProvider time, params string[] functions) => PipelineHost.StartAsync(Options(time, keys: false, functions));

    private PipelineHostOptions Options(TimeProvider time, bool keys, params string[] functions) => new()
    {
        FunctionsAssembly = typeof(HostFunctions).Assembly,
        Functions = functions,
        TopologyPath = Path.Combine(AppContext.BaseDirectory, "Testing", "ph-topology.json"),
        HostJsonPath = Path.Combine(AppContext.BaseDirectory, "Testing", "parcels-host.json"),
        Configure = builder => builder.Services.AddSingleton(_probe).AddSingleton(TimeProvider.System),
        TimeProvider = time,
        EnforceKeys = keys,
    };
}
