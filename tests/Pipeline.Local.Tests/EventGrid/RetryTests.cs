using Pipeline.Local.EventGrid;
using Pipeline.Local.Testing;

namespace Pipeline.Tests.EventGrid;

public sealed class RetryTests
{
    private readonly ManualTimeProvider _clock = new();

    /// <summary>The documented waits after attempts 1, 2, ….</summary>
    private static readonly TimeSpan[] Schedule =
    [
        TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6),
    ];

    [Fact]
    public async Task Failed_attempts_are_repeated_by_the_documented_schedule_until_the_day_is_over()
    {
        await using var topic = LocalTopic.Create(_clock);
        await using var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = _ => Task.FromResult(500);
        await topic.SubscribeAsync("hook", webhook);
        await topic.PublishAsync("1");
        for (var attempt = 1; attempt <= Schedule.Length; attempt++)
        {
            await FailedAsync(topic, attempt);
            Assert.Equal(Invariant($"{attempt - 1}"), webhook.Deliveries[^1].Headers["aeg-delivery-count"]);
            AssertNextAttempt(topic, attempt, Schedule[attempt - 1]);
        }

        await FailedAsync(topic, Schedule.Length + 1);
        _clock.Advance(TimeSpan.FromHours(11.9));
        Assert.Equal(1, topic.Status("hook").Pending);
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(0, topic.Status("hook").Pending);
        var letter = Assert.Single(topic.Topic.DeadLetters(10));
        Assert.Equal("TimeToLiveExceeded", letter.Reason);
        Assert.Equal(10, letter.DeliveryAttempts);
        Assert.Equal(10, webhook.Deliveries.Count);
    }

    [Fact]
    public async Task Time_scale_divides_waits_and_time_to_live()
    {
        await using var topic = LocalTopic.Create(_clock, timeScale: 10);
        await using var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = _ => Task.FromResult(500);
        await topic.SubscribeAsync("hook", webhook, """ "eventTimeToLive": "PT10M" """);
        await topic.PublishAsync("1");
        await FailedAsync(topic, 1);
        AssertNextAttempt(topic, 1, TimeSpan.FromSeconds(1));
        await FailedAsync(topic, 2);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await topic.QuietAsync();
        Assert.Equal("TimeToLiveExceeded", Assert.Single(topic.Topic.DeadLetters(10)).Reason);
    }

    [Fact]
    public async Task Last_attempt_is_the_end()
    {
        await using var topic = LocalTopic.Create(_clock);
        await using var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = _ => Task.FromResult(404);
        await topic.SubscribeAsync("hook", webhook, """ "maxDeliveryAttempts": 2 """);
        await topic.PublishAsync("1");
        await FailedAsync(topic, 1);
        _clock.Advance(TimeSpan.FromSeconds(11));
        await topic.QuietAsync();
        var letter = Assert.Single(topic.Topic.DeadLetters(10));
        Assert.Equal(("MaxDeliveryAttemptsExceeded", "NotFound", 2), (letter.Reason, letter.LastDeliveryOutcome, letter.DeliveryAttempts));
    }

    [Theory]
    [InlineData(400, "BadRequest")]
    [InlineData(401, "Unauthorized")]
    [InlineData(403, "Forbidden")]
    [InlineData(413, "PayloadTooLarge")]
    public async Task Some_answers_end_it_at_once(int status, string outcome)
    {
        await using var topic = LocalTopic.Create(_clock);
        await using var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = _ => Task.FromResult(status);
        await topic.SubscribeAsync("hook", webhook);
        await topic.PublishAsync("1");
        await topic.QuietAsync();
        var letter = Assert.Single(topic.Topic.DeadLetters(10));
        Assert.Equal(($"UndeliverableDueToHttp{outcome}", outcome), (letter.Reason, letter.LastDeliveryOutcome));
    }

    [Theory]
    [InlineData(302)]
    [InlineData(205)]
    [InlineData(404)]
    [InlineData(408)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Other_answers_are_failures_that_are_tried_again(int status)
    {
        await using var topic = LocalTopic.Create(_clock);
        await using var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = context =>
        {
            context.Response.Headers.Location = "/elsewhere";
            return Task.FromResult(context.Request.Headers["aeg-delivery-count"] == "0" ? status : 200);
        };
        await topic.SubscribeAsync("hook", webhook);
        await topic.PublishAsync("1");
        await FailedAsync(topic, 1);
        Assert.Contains(Invariant($"{status}"), topic.Status("hook").LastError, StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(11));
        await topic.QuietAsync();
        Assert.Equal(2, webhook.Deliveries.Count);
        Assert.Equal(1, topic.Status("hook").Delivered);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(202)]
    [InlineData(203)]
    [InlineData(204)]
    public async Task Answers_from_200_to_204_are_success(int status)
    {
        await using var topic = LocalTopic.Create(_clock);
        await using var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = _ => Task.FromResult(status);
        await topic.SubscribeAsync("hook", webhook);
        await topic.PublishAsync("1");
        await topic.QuietAsync();
        Assert.Equal((1, 0), (topic.Status("hook").Delivered, topic.Status("hook").FailedAttempts));
    }

    [Theory]
    [InlineData(429, "120", 120)]
    [InlineData(503, "120", 120)]
    [InlineData(503, "1", 10)]
    [InlineData(500, "120", 10)]
    [InlineData(429, "Thu, 01 Jan 2026 00:02:00 GMT", 120)]
    [InlineData(429, "999999", 12 * 60 * 60)]
    public async Task Retry_after_makes_the_wait_longer_but_never_shorter(int status, string retryAfter, int expectedSeconds)
    {
        await using var topic = LocalTopic.Create(_clock);
        await using var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = context =>
        {
            context.Response.Headers.RetryAfter = retryAfter;
            return Task.FromResult(status);
        };
        await topic.SubscribeAsync("hook", webhook);
        await topic.PublishAsync("1");
        await FailedAsync(topic, 1);
        AssertNextAttempt(topic, 1, TimeSpan.FromSeconds(expectedSeconds));
    }

    [Fact]
    public async Task No_answer_within_30_seconds_is_a_failure()
    {
        await using var topic = LocalTopic.Create(_clock, timeScale: 1000);
        await using var webhook = await Webhook.StartAsync();
        var never = new TaskCompletionSource<int>();
        webhook.OnDelivery = context => context.Request.Headers["aeg-delivery-count"] == "0" ? never.Task : Task.FromResult(200);
        await topic.SubscribeAsync("hook", webhook, """ "eventTimeToLive": "P1D" """);
        await topic.PublishAsync("1");
        await webhook.WaitAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(1, topic.Status("hook").InFlight);
        Assert.Equal(0, topic.Status("hook").FailedAttempts);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await FailedAsync(topic, 1);
        Assert.Contains("30 seconds", topic.Status("hook").LastError, StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await topic.QuietAsync();
        never.SetResult(200);
        Assert.Equal(1, topic.Status("hook").Delivered);
    }

    [Fact]
    public void Waits_are_spread_by_a_tenth_at_most_and_never_shortened()
    {
        var schedule = new RetrySchedule(1, new Random(5));
        var waits = Enumerable.Range(0, 1000).Select(_ => schedule.AfterFailure(1).TotalSeconds).ToList();
        Assert.All(waits, wait => Assert.InRange(wait, 10, 11));
        Assert.True(waits.Max() - waits.Min() > 0.5, string.Create(CultureInfo.InvariantCulture, $"{waits.Min()} to {waits.Max()}"));
    }

    private static Task FailedAsync(LocalTopic topic, int attempts) =>
        topic.WaitAsync("hook", s => s.FailedAttempts == attempts && s.InFlight == 0, Invariant($"failed attempt {attempts}"));

    /// <summary>Starting an attempt is part of advancing the clock, so that it can be told at once.</summary>
    private void AssertNextAttempt(LocalTopic topic, int attempts, TimeSpan wait)
    {
        _clock.Advance(wait - TimeSpan.FromMilliseconds(1));
        var before = topic.Status("hook");
        Assert.Equal((0, attempts), (before.InFlight, before.FailedAttempts));
        _clock.Advance((wait / 10) + TimeSpan.FromMilliseconds(2));
        var after = topic.Status("hook");
        Assert.True(after.InFlight == 1 || after.FailedAttempts == attempts + 1, Invariant($"No attempt {attempts + 1} after {wait}."));
    }
}
