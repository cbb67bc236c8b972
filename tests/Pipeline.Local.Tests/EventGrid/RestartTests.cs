using Azure;
using Pipeline.Local.Testing;

namespace Pipeline.Tests.EventGrid;

public sealed class RestartTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Acknowledged_events_and_subscriptions_survive(bool kill)
    {
        await using var topic = LocalTopic.Create(onDisk: true);
        await using var webhook = await Webhook.StartAsync();
        await topic.SubscribeAsync("hook", webhook, """ "types": ["t"] """);
        await topic.PublishAsync("delivered");
        await topic.QuietAsync();
        topic.Topic.HoldDeliveries = true;
        await topic.PublishAsync("1", "2");
        await topic.RestartAsync(kill);
        await topic.QuietAsync();
        Assert.Equal(["1", "2", "delivered"], webhook.Ids.Order());
        Assert.Equal(["t"], topic.Status("hook").Types);
        Assert.Equal(1, webhook.Handshakes);
    }

    [Fact]
    public async Task Event_that_was_out_at_a_kill_is_delivered_again()
    {
        await using var topic = LocalTopic.Create(onDisk: true);
        await using var webhook = await Webhook.StartAsync();
        var never = new TaskCompletionSource<int>();
        webhook.OnDelivery = _ => webhook.Deliveries.Count == 1 ? never.Task : Task.FromResult(200);
        await topic.SubscribeAsync("hook", webhook);
        await topic.PublishAsync("1");
        await webhook.WaitAsync(1);
        await topic.RestartAsync(kill: true);
        await topic.QuietAsync();
        never.SetResult(200);
        Assert.Equal(["1", "1"], webhook.Ids);
    }

    [Fact]
    public async Task Attempts_and_the_time_of_the_next_survive()
    {
        var clock = new ManualTimeProvider();
        await using var topic = LocalTopic.Create(clock, onDisk: true);
        await using var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = _ => Task.FromResult(500);
        await topic.SubscribeAsync("hook", webhook);
        await topic.PublishAsync("1");
        await topic.WaitAsync("hook", s => s.FailedAttempts == 1 && s.InFlight == 0, "the first attempt");
        clock.Advance(TimeSpan.FromSeconds(11));
        await topic.WaitAsync("hook", s => s.FailedAttempts == 2 && s.InFlight == 0, "the second attempt");

        await topic.RestartAsync(kill: true);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal((0, 0), (topic.Status("hook").InFlight, topic.Status("hook").FailedAttempts));
        clock.Advance(TimeSpan.FromSeconds(5));
        await webhook.WaitAsync(3);
        Assert.Equal("2", webhook.Deliveries[2].Headers["aeg-delivery-count"]);
    }

    [Fact]
    public async Task Compaction_keeps_exactly_what_is_live()
    {
        await using var topic = LocalTopic.Create(onDisk: true);
        await using var webhook = await Webhook.StartAsync();
        await using var other = await Webhook.StartAsync();
        await topic.SubscribeAsync("hook", webhook);
        await topic.SubscribeAsync("other", other, """ "types": ["other"] """);
        await topic.PublishAsync([.. Enumerable.Range(0, 200).Select(i => Invariant($"old-{i}"))]);
        await topic.QuietAsync();
        topic.Topic.HoldDeliveries = true;
        await topic.PublishAsync("1");
        await topic.Client.SendEventAsync(LocalTopic.Event("2", "other"));
        var before = topic.Topic.JournalBytes;
        topic.Topic.Compact();
        Assert.InRange(topic.Topic.JournalBytes, 1, before / 10);
        await topic.RestartAsync(kill: true);
        await topic.QuietAsync();
        Assert.Equal(202, webhook.Ids.Distinct().Count());
        Assert.Equal(["2"], other.Ids);
    }

    [Fact]
    public async Task Full_disk_is_500_and_nothing_of_the_array_is_accepted()
    {
        await using var topic = LocalTopic.Create(onDisk: true);
        await using var webhook = await Webhook.StartAsync();
        await topic.SubscribeAsync("hook", webhook);
        topic.Topic.FailNextAppend(afterBytes: 20);
        Assert.Equal(500, (await Assert.ThrowsAsync<RequestFailedException>(() => topic.PublishAsync("1", "2"))).Status);
        Assert.Equal(0, topic.Topic.PendingCount);
        await topic.PublishAsync("3");
        await topic.QuietAsync();
        await topic.RestartAsync(kill: true);
        Assert.Equal(["3"], webhook.Ids);
        Assert.Equal(0, topic.Topic.PendingCount);
    }

    [Fact]
    public async Task Delivery_whose_success_could_not_be_kept_comes_again()
    {
        await using var topic = LocalTopic.Create(timeScale: 1000, onDisk: true);
        await using var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = context =>
        {
            if (webhook.Deliveries.Count == 1)
                topic.Topic.FailNextAppend(afterBytes: 3);
            return Task.FromResult(200);
        };
        await topic.SubscribeAsync("hook", webhook);
        await topic.PublishAsync("1");
        await topic.QuietAsync();
        Assert.Equal(["1", "1"], webhook.Ids);
    }

    [Fact]
    public async Task Subscription_that_left_the_topology_goes_with_its_events_and_a_warning()
    {
        const string Both = """[ { "name": "first", "function": "f" }, { "name": "second", "function": "f" } ]""";
        await using var topic = LocalTopic.Create(onDisk: true, subscriptions: Both);
        await topic.PublishAsync("1");
        Assert.Equal(2, topic.Topic.PendingCount);
        await topic.RestartAsync(subscriptions: """[ { "name": "second", "function": "f" } ]""");
        Assert.Equal(1, topic.Topic.PendingCount);
        Assert.Equal("WaitingForHost", topic.Status("second").State);
        Assert.Contains(topic.Log.Lines, line => line.Contains("'first' is no longer in topology.json", StringComparison.Ordinal));
        await topic.RestartAsync(kill: true);
        Assert.Equal((0, 1), (topic.Status("first").Pending, topic.Status("second").Pending));
    }
}
