using Pipeline.Local;
using Pipeline.Local.Testing;

namespace Pipeline.Tests.EventGrid;

/// <summary>What lasts is warned of again as long as it lasts, and its end is told.</summary>
public sealed class LastingFailureTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void A_condition_is_warned_of_when_it_begins_and_once_an_interval_while_it_is_met()
    {
        var warning = new LastingWarning(_clock);
        Assert.False(warning.Over());
        var warned = new List<int>();
        for (var minute = 0; minute < 60; minute++)
        {
            if (warning.Met())
                warned.Add(minute);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([0, 15, 30, 45], warned);
        Assert.True(warning.Over());
        Assert.False(warning.Over());
        Assert.True(warning.Met());
    }

    [Fact]
    public async Task Dead_letters_that_cannot_be_written_are_warned_of_until_they_are()
    {
        await using var topic = LocalTopic.Create(_clock);
        var tries = 0;
        var isBroken = true;
        topic.Topic.DeadLetterSink = (_, _, _) => isBroken
            ? Task.FromException(new IOException(string.Create(CultureInfo.InvariantCulture, $"planted {++tries}")))
            : Task.CompletedTask;
        await using var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = _ => Task.FromResult(400);
        await topic.SubscribeAsync("hook", webhook);
        await topic.PublishAsync("1");
        await topic.QuietAsync();
        await FailAsync(13);

        // After 0:00, 0:10, 0:40, 1:40, 6:40, 11:40, 16:40 minutes and so on: each is the first try a quarter of an hour after the warning before.
        Assert.Equal([1, 7, 10, 13], Lines(topic, "a dead letter could not be written").Select(line => int.Parse(line.Split("planted ")[1].Split(')')[0], CultureInfo.InvariantCulture)));
        Assert.Empty(Lines(topic, "are written, or deleted"));

        isBroken = false;
        _clock.AdvanceTo(_clock.NextDue!.Value);
        await topic.WaitAsync("hook", s => s.DeadLettered == 1, "the blob");
        Assert.Single(Lines(topic, "are written, or deleted"));

        // The next time is another one.
        isBroken = true;
        await topic.PublishAsync("2");
        await topic.QuietAsync();
        await FailAsync(14);
        Assert.Equal(5, Lines(topic, "a dead letter could not be written").Count);

        async Task FailAsync(int until)
        {
            while (tries < until)
            {
                // Each failure has its own text, and so its own id in what is shown.
                var (next, before) = (tries + 1, topic.Topic.DeadLetters(1) is [{ LastError: { } last }] ? last : null);
                _clock.AdvanceTo(_clock.NextDue!.Value);
                await Soon.TrueAsync(
                    () => tries == next && topic.Topic.DeadLetters(1) is [{ LastError: { } error }] && error != before,
                    "the failure");
            }
        }
    }

    [Fact]
    public async Task Nowhere_to_write_dead_letters_to_is_warned_of_until_there_is()
    {
        await using var topic = LocalTopic.Create(_clock);
        await using var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = _ => Task.FromResult(400);
        await topic.SubscribeAsync("hook", webhook);
        await topic.PublishAsync("1");
        await topic.QuietAsync();
        for (var minute = 0; minute < 40; minute++)
            _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(3, Lines(topic, "nowhere to write dead letters").Count);

        topic.Topic.DeadLetterSink = (_, _, _) => Task.CompletedTask;
        await topic.WaitAsync("hook", s => s.DeadLettered == 1, "the blob");
        Assert.Single(Lines(topic, "are written, or deleted"));
    }

    [Fact]
    public async Task Deliveries_that_fail_are_warned_of_until_none_is_left()
    {
        await using var topic = LocalTopic.Create(_clock);
        await using var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = _ => Task.FromResult(500);
        await topic.SubscribeAsync("hook", webhook);
        await topic.PublishAsync("1");

        // Attempts after 0, 0:10, 0:40, 1:40, 6:40, 16:40, 46:40 and 106:40 minutes.
        foreach (var (attempt, wait) in new[] { 10, 30, 60, 300, 600, 1800, 3600, 0 }.Select((seconds, i) => (i + 1, TimeSpan.FromSeconds(seconds))))
        {
            await topic.WaitAsync("hook", s => s.FailedAttempts == attempt && s.InFlight == 0, Invariant($"attempt {attempt}"));
            if (wait == TimeSpan.Zero)
                break;
            _clock.Advance(wait * 1.11);
        }

        Assert.Equal(4, Lines(topic, "a delivery to hook failed").Count);
        webhook.OnDelivery = _ => Task.FromResult(200);
        await topic.PublishAsync("2");
        await topic.WaitAsync("hook", s => s.Delivered == 1, "the second event");
        Assert.Empty(Lines(topic, "waits any more"));

        _clock.Advance(TimeSpan.FromHours(4));
        await topic.WaitAsync("hook", s => s.Delivered == 2, "the first event");
        Assert.Single(Lines(topic, "waits any more"));
    }

    [Fact]
    public async Task A_handshake_that_fails_is_warned_of_until_it_succeeds()
    {
        await using var topic = LocalTopic.Create(_clock);
        await using var webhook = await Webhook.StartAsync();
        webhook.AllowedOrigin = null;
        await topic.PutAsync("hook", $$"""{ "endpoint": "{{webhook.Url}}" }""");
        for (var handshake = 1; handshake <= 13; handshake++)
        {
            await RefusedAsync(handshake);
            if (handshake < 13)
                _clock.AdvanceTo(_clock.NextDue!.Value);
        }

        // The first, and those after 16:40, 31:40 and 46:40 minutes.
        Assert.Equal(4, Lines(topic, "hook at http").Count);
        webhook.AllowedOrigin = "*";
        _clock.AdvanceTo(_clock.NextDue!.Value);
        await topic.WaitAsync("hook", s => s.State == "Active", "the consent");
        Assert.Single(Lines(topic, "hook agreed"));

        Task RefusedAsync(int handshake) =>
            Soon.TrueAsync(() => webhook.Handshakes == handshake && topic.Topic.State().Handshakes == 0 && _clock.ArmedTimers > 0, "the refusal");
    }

    private static List<string> Lines(LocalTopic topic, string text) => [.. topic.Log.Lines.Where(line => line.Contains(text, StringComparison.Ordinal))];
}
