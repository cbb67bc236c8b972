using Azure.Messaging.ServiceBus;
using Pipeline.Tests.EventGrid;

namespace Pipeline.Tests.Hosting;

public sealed class ServiceBusTriggerTests
{
    private static readonly string[] _idle = TestPlatform.ServiceBus("sessionIdleTimeout", "00:00:00.05");
    private static readonly string[] _autoComplete = TestPlatform.ServiceBus("autoCompleteMessages", "true");

    [Fact]
    public async Task Successful_return_completes_where_messages_are_completed_automatically()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "BusPlain", settings: _autoComplete);
        await platform.SendAsync("plain", null, "a");
        await host.Probe.WaitAsync(1);
        await platform.Broker.WaitUntilEmptyAsync(["plain"], Timeout());
    }

    [Fact]
    public async Task Attribute_overrides_automatic_completion_of_host_json()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "BusPlainAuto");
        await platform.SendAsync("plain", null, "a");
        await platform.Broker.WaitUntilEmptyAsync(["plain"], Timeout());
        Assert.Equal(["a 1"], host.Probe.Seen);
    }

    [Fact]
    public async Task Exception_abandons_the_message_also_without_automatic_completion()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "BusSession", settings: _idle);
        host.Probe.OnSeen = line => line == "a 1" ? throw new InvalidOperationException("planted") : Task.CompletedTask;
        await platform.SendAsync("sessions", "s", "a");
        await host.Probe.WaitAsync(2);
        await platform.Broker.WaitUntilEmptyAsync(["sessions"], Timeout());
        Assert.Equal(["a 1", "a 2"], host.Probe.Seen);
        Assert.Contains(host.Log.Lines, line => line.Contains("BusSession failed", StringComparison.Ordinal) && line.Contains("planted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unsettled_return_leaves_the_message_locked_and_goes_on_to_the_next_of_the_session()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "BusUnsettled", settings: _idle);
        await platform.SendAsync("sessions", "s", "unsettled", "next");

        // The first comes back when the idle session is closed, which costs it no delivery.
        var seen = await host.Probe.WaitAsync(3);
        Assert.Equal(["unsettled 1", "next 1", "unsettled 1"], seen.Take(3));
    }

    [Fact]
    public async Task Released_session_ends_after_the_invocation_and_its_message_comes_back_before_the_next()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "BusRelease");
        await platform.SendAsync("sessions", "s", "first", "second");
        var seen = await host.Probe.WaitAsync(4);
        Assert.Equal(["first 1", "first 1", "first 1", "second 1"], seen.Take(4));
    }

    [Fact]
    public async Task Dead_letters_of_a_subscription_and_of_a_queue_trigger_without_sessions()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "BusDeadLetters,BusDeadLettersOfTopic,BusReject,BusRejectTopic");
        await platform.SendAsync("sessions", "s", "a");
        await platform.SendAsync("topic", [new ServiceBusMessage("b")
        {
            SessionId = "s",
            ApplicationProperties = { ["cloudEvents_type"] = "t", ["replayfor"] = "all" },
        }]);
        var seen = await host.Probe.WaitAsync(2);
        Assert.Equal(["a because no", "b because no"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Idle_session_is_left_after_the_session_idle_timeout()
    {
        var clock = new BrokerClock();
        var idle = TimeSpan.FromSeconds(10);
        await using var platform = TestPlatform.Open(clock);
        await using var host = await TestHost.StartAsync(
            platform, "BusSession", settings: [.. TestPlatform.ServiceBus("sessionIdleTimeout", "00:00:10"), .. TestPlatform.ServiceBus("maxConcurrentSessions", "1")]);
        await platform.SendAsync("sessions", "s1", "a");
        await host.Probe.WaitAsync(1);
        await platform.Broker.WaitUntilEmptyAsync(["sessions"], Timeout());
        await platform.SendAsync("sessions", "s2", "b");

        // Nothing else is due so soon: the try timeout is a minute, and the lock is renewed after 50 seconds.
        await Soon.TrueAsync(() => clock.NextDue <= clock.GetUtcNow() + idle, "the session to be idle");
        clock.Advance(idle - TimeSpan.FromSeconds(1));
        Assert.Equal(["a 1"], host.Probe.Seen);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["a 1", "b 1"], await host.Probe.WaitAsync(2));
    }

    [Fact]
    public async Task Idle_session_is_held_for_the_try_timeout_where_no_idle_timeout_is_set()
    {
        var clock = new BrokerClock();
        await using var platform = TestPlatform.Open(clock);
        await using var host = await TestHost.StartAsync(
            platform, "BusSession", settings: ["--Local:HostJson", TestPlatform.EmptyHostJson, .. TestPlatform.ServiceBus("maxConcurrentSessions", "1")]);
        await platform.SendAsync("sessions", "s1", "a");
        await host.Probe.WaitAsync(1);
        await platform.Broker.WaitUntilEmptyAsync(["sessions"], Timeout());
        await platform.SendAsync("sessions", "s2", "b");
        await platform.SendAsync("sessions", "s1", "c");
        await host.Probe.WaitAsync(2);
        Assert.Equal(["a 1", "c 1"], host.Probe.Seen);

        // The receive that found nothing must be waiting before time moves on.
        while (host.Probe.Seen.Count < 3)
        {
            clock.Advance(TimeSpan.FromSeconds(61));
            await Task.Delay(10);
        }

        Assert.Equal("b 1", host.Probe.Seen[2]);
    }

    [Fact]
    public async Task Locks_are_renewed_while_a_function_runs()
    {
        var clock = new BrokerClock();
        await using var platform = TestPlatform.Open(clock);
        await using var host = await TestHost.StartAsync(platform, "BusSession,BusPlainSettles");
        var done = new TaskCompletionSource();
        host.Probe.OnSeen = _ => done.Task;
        await platform.SendAsync("sessions", "s", "a");
        await platform.SendAsync("plain", null, "b");
        await host.Probe.WaitAsync(2);
        for (var i = 0; i < 8; i++)
            clock.Advance(TimeSpan.FromSeconds(30));
        done.SetResult();
        await platform.Broker.WaitUntilEmptyAsync(["sessions", "plain"], Timeout());
        Assert.Equal(2, host.Probe.Seen.Count);
        Assert.DoesNotContain(host.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lost_lock_surfaces_as_an_exception_that_is_no_ServiceBusException()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "BusLostLock", settings: _idle);
        host.Probe.OnSeen = line =>
        {
            if (line == "a 1")
                platform.Broker.ExpireSessionLock("sessions", "s");
            return Task.CompletedTask;
        };
        await platform.SendAsync("sessions", "s", "a");

        // Whoever takes the session next does so at once, so the order of the last two is open.
        var seen = await host.Probe.WaitAsync(3);
        Assert.Equal("a 1", seen[0]);
        Assert.Equal(["RpcException", "a 2"], seen.Skip(1).Take(2).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Batch_takes_what_is_there()
    {
        await using var platform = TestPlatform.Open();
        await platform.SendAsync("plain", null, "a", "b", "c");
        await using var host = await TestHost.StartAsync(platform, "BusBatch");
        await host.Probe.WaitAsync(1);
        await platform.Broker.WaitUntilEmptyAsync(["plain"], Timeout());
        Assert.Equal(["a,b,c"], host.Probe.Seen);
    }

    [Fact]
    public async Task Two_hosts_on_one_platform_share_the_sessions()
    {
        await using var platform = TestPlatform.Open();
        var one = TestPlatform.ServiceBus("maxConcurrentSessions", "1");
        await using var first = await TestHost.StartAsync(platform, "BusSession", settings: one);
        await using var second = await TestHost.StartAsync(platform, "BusSession", settings: one);
        var done = new TaskCompletionSource();
        first.Probe.OnSeen = second.Probe.OnSeen = _ => done.Task;
        await platform.SendAsync("sessions", "s1", "a");
        await platform.SendAsync("sessions", "s2", "b");

        // Neither takes a second session while it has one, so each has one.
        await first.Probe.WaitAsync(1);
        await second.Probe.WaitAsync(1);
        done.SetResult();
        await platform.Broker.WaitUntilEmptyAsync(["sessions"], Timeout());
    }

    [Fact]
    public async Task Every_function_has_its_own_concurrent_sessions()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(
            platform, "BusSession,BusTopicSession", settings: TestPlatform.ServiceBus("maxConcurrentSessions", "1"));
        var done = new TaskCompletionSource();
        host.Probe.OnSeen = _ => done.Task;
        await platform.SendAsync("sessions", "s", "a");
        await platform.SendAsync("topic", [new ServiceBusMessage("b")
        {
            SessionId = "s",
            ApplicationProperties = { ["cloudEvents_type"] = "t", ["replayfor"] = "all" },
        }]);
        await host.Probe.WaitAsync(2);
        done.SetResult();
    }

    [Fact]
    public async Task Shutdown_gives_back_an_unsettled_message_without_counting_a_delivery()
    {
        await using var platform = TestPlatform.Open();
        var first = await TestHost.StartAsync(platform, "BusUnsettled", settings: TestPlatform.ServiceBus("sessionIdleTimeout", "00:10:00"));
        await platform.SendAsync("sessions", "s", "unsettled");
        await first.Probe.WaitAsync(1);
        await first.DisposeAsync();
        await using var second = await TestHost.StartAsync(platform, "BusSession");
        Assert.Equal(["unsettled 1"], await second.Probe.WaitAsync(1));
    }

    [Fact]
    public async Task Shutdown_waits_for_a_running_function_which_reaches_its_own_app_and_takes_nothing_new()
    {
        await using var platform = TestPlatform.Open();
        var host = await TestHost.StartAsync(platform, "BusSession");
        var done = new TaskCompletionSource();
        host.Probe.OnSeen = async _ =>
        {
            await done.Task;
            using var http = new HttpClient();
            Assert.Contains("running", await http.GetStringAsync(host.Http.BaseAddress), StringComparison.Ordinal);
        };
        await platform.SendAsync("sessions", "s", "a", "b");
        await host.Probe.WaitAsync(1);
        var stopping = host.DisposeAsync().AsTask();
        // An HTTP server that stopped as well would be gone by then.
        await Task.Delay(100);
        Assert.False(stopping.IsCompleted);
        done.SetResult();
        await stopping;
        Assert.Equal(["a 1"], host.Probe.Seen);
        Assert.Equal(1, platform.Broker.Counts("sessions").Active);
    }

    [Fact]
    public async Task Binding_data_holds_the_messages_properties()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "BusBindingData", settings: ["--Queue", "sessions"]);
        await platform.SendAsync("sessions", [new ServiceBusMessage("x") { SessionId = "s", MessageId = "m" }]);
        Assert.Equal(["m s 1 True"], await host.Probe.WaitAsync(1));
    }

    private static CancellationToken Timeout() => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
}
