namespace Pipeline.Tests.EventGrid;

public sealed class DeliveryTests
{
    [Fact]
    public async Task Webhook_that_is_down_gets_everything_when_it_is_up_again()
    {
        await using var topic = LocalTopic.Create(timeScale: 1000);
        await using var webhook = await Webhook.StartAsync();
        await topic.SubscribeAsync("hook", webhook);
        await webhook.DownAsync();
        await topic.PublishAsync("1", "2", "3");
        await topic.WaitAsync("hook", s => s.FailedAttempts >= 3, "failures");
        await webhook.UpAsync();
        await topic.QuietAsync();
        Assert.Equal(["1", "2", "3"], webhook.Ids.Order());
    }

    [Fact]
    public async Task Slow_webhook_holds_nobody_else_back_and_gets_32_at_a_time()
    {
        await using var topic = LocalTopic.Create();
        await using var slow = await Webhook.StartAsync();
        await using var fast = await Webhook.StartAsync();
        var go = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        slow.OnDelivery = _ => go.Task;
        await topic.SubscribeAsync("slow", slow);
        await topic.SubscribeAsync("fast", fast);
        await topic.PublishAsync([.. Enumerable.Range(0, 100).Select(i => Invariant($"{i}"))]);
        await topic.WaitAsync("fast", s => s.Pending == 0, "the fast one to get all");
        await slow.WaitAsync(32);
        Assert.Equal((32, 100), (topic.Status("slow").InFlight, topic.Status("slow").Pending));
        go.SetResult(200);
        await topic.QuietAsync();
        Assert.Equal(100, slow.Ids.Distinct().Count());
    }

    [Fact]
    public async Task Gone_webhook_is_stopped_and_what_it_has_not_got_is_dead_lettered()
    {
        await using var topic = LocalTopic.Create(onDisk: true);
        await using var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = _ => Task.FromResult(410);
        await topic.SubscribeAsync("hook", webhook);
        topic.Topic.HoldDeliveries = true;
        await topic.PublishAsync([.. Enumerable.Range(0, 50).Select(i => Invariant($"{i}"))]);
        topic.Topic.HoldDeliveries = false;
        await topic.WaitAsync("hook", s => s is { State: "Stopped", DeadLettersToWrite: 50, InFlight: 0 }, "all to be given up");
        await topic.PublishAsync("late");
        Assert.Equal(0, topic.Topic.PendingCount);
        Assert.All(topic.Topic.DeadLetters(100), letter => Assert.Equal("UndeliverableDueToHttpGone", letter.Reason));
        Assert.InRange(webhook.Deliveries.Count, 1, 32);

        await topic.RestartAsync();
        Assert.Equal(("Stopped", 50), (topic.Status("hook").State, topic.Status("hook").DeadLettersToWrite));
        webhook.OnDelivery = _ => Task.FromResult(200);
        await topic.SubscribeAsync("hook", webhook);
        await topic.PublishAsync("again");
        await topic.QuietAsync();
        Assert.Equal("again", webhook.Ids.Last());
        Assert.DoesNotContain("late", webhook.Ids);
    }

    [Fact]
    public async Task Filters_decide_who_gets_what_and_an_event_for_nobody_is_not_kept()
    {
        await using var topic = LocalTopic.Create();
        await using var placed = await Webhook.StartAsync();
        await using var contoso = await Webhook.StartAsync();
        await topic.SubscribeAsync("placed", placed, """ "types": ["placed"] """);
        await topic.SubscribeAsync("contoso", contoso, """ "subjectBeginsWith": "contoso/" """);
        topic.Topic.HoldDeliveries = true;
        await topic.Client.SendEventsAsync(
        [
            LocalTopic.Event("1", "placed", "contoso/1"), LocalTopic.Event("2", "shipped", "contoso/1"),
            LocalTopic.Event("3", "placed", "fabrikam/1"), LocalTopic.Event("4", "shipped"),
        ]);
        Assert.Equal(4, topic.Topic.PendingCount);
        topic.Topic.HoldDeliveries = false;
        await topic.QuietAsync();
        Assert.Equal(["1", "3"], placed.Ids.Order());
        Assert.Equal(["1", "2"], contoso.Ids.Order());
    }

    [Fact]
    public async Task Held_deliveries_wait_and_duplicates_come_twice()
    {
        await using var topic = LocalTopic.Create();
        await using var webhook = await Webhook.StartAsync();
        await topic.SubscribeAsync("hook", webhook);
        topic.Topic.DuplicateDeliveries(1, new Random(1));
        topic.Topic.HoldDeliveries = true;
        await topic.PublishAsync("1", "2");
        Assert.Equal((2, 0), (topic.Topic.PendingCount, topic.Status("hook").InFlight));
        topic.Topic.HoldDeliveries = false;
        await topic.QuietAsync();
        Assert.Equal(["1", "1", "2", "2"], webhook.Ids.Order());
        Assert.Equal(2, topic.Status("hook").Delivered);
    }

    [Fact]
    public async Task Closing_waits_for_the_answer_that_is_under_way()
    {
        await using var topic = LocalTopic.Create(onDisk: true);
        await using var webhook = await Webhook.StartAsync();
        var go = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        webhook.OnDelivery = _ => go.Task;
        await topic.SubscribeAsync("hook", webhook);
        await topic.PublishAsync("1");
        await webhook.WaitAsync(1);
        var restart = topic.RestartAsync();
        Assert.False(restart.IsCompleted);
        go.SetResult(200);
        await restart;
        Assert.Equal(0, topic.Topic.PendingCount);
        Assert.Single(webhook.Deliveries);
    }
}
