using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pipeline.Local.Testing;

namespace Pipeline.Tests.EventGrid;

public sealed partial class DeadLetterTests
{
    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(2026, 3, 4, 5, 58, 0, TimeSpan.Zero));
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new();

    [Fact]
    public async Task Dead_letter_is_written_5_minutes_later_with_the_documented_name_and_content()
    {
        await using var topic = LocalTopic.Create(_clock);
        topic.Topic.DeadLetterSink = Write;
        await using var webhook = await FailingAsync(topic);
        var sent = LocalTopic.Event("1", "t", "subject", new { total = 5 });
        sent.ExtensionAttributes["correlationid"] = "c";
        await topic.Client.SendEventAsync(sent);
        await topic.QuietAsync();
        _clock.Advance(TimeSpan.FromSeconds(299));
        Assert.Empty(_blobs);
        _clock.Advance(TimeSpan.FromSeconds(2));
        await topic.WaitAsync("hook", s => s.DeadLettered == 1, "the blob");

        var (name, content) = Assert.Single(_blobs);
        Assert.Matches(Name(), name);
        var array = JsonDocument.Parse(content).RootElement;
        var letter = Assert.Single(array.EnumerateArray());
        Assert.Equal("1", letter.GetProperty("id").GetString());
        Assert.Equal("c", letter.GetProperty("correlationid").GetString());
        Assert.Equal(5, letter.GetProperty("data").GetProperty("total").GetInt32());
        Assert.Equal("UndeliverableDueToHttpBadRequest", letter.GetProperty("deadletterreason").GetString());
        Assert.Equal(1, letter.GetProperty("deliveryattempts").GetInt32());
        Assert.Equal("BadRequest", letter.GetProperty("lastdeliveryoutcome").GetString());
        Assert.Equal(new DateTime(2026, 3, 4, 5, 58, 0, DateTimeKind.Utc), letter.GetProperty("publishtime").GetDateTime());
        Assert.Empty(topic.Topic.DeadLetters(10));
        Assert.Equal(0, topic.Status("hook").DeadLettersToWrite);
    }

    [Fact]
    public async Task Without_a_sink_it_stays_and_is_listed_and_goes_out_when_there_is_one()
    {
        await using var topic = LocalTopic.Create(_clock, onDisk: true);
        await using var webhook = await FailingAsync(topic);
        await topic.PublishAsync("1", "2");
        await topic.QuietAsync();
        _clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Single(topic.Log.Lines, line => line.Contains("nowhere to write dead letters", StringComparison.Ordinal));
        using var list = JsonDocument.Parse(await topic.Http.GetStringAsync("/dead-letters"));
        Assert.Equal(2, list.RootElement.GetArrayLength());
        Assert.Equal("hook", list.RootElement[0].GetProperty("subscription").GetString());
        Assert.Contains("\"deadLettersToWrite\": 2", await topic.Http.GetStringAsync("/subscriptions"), StringComparison.Ordinal);

        await topic.RestartAsync(kill: true);
        _clock.Advance(TimeSpan.FromMinutes(6));
        topic.Topic.DeadLetterSink = Write;
        await topic.WaitAsync("hook", s => s.DeadLettersToWrite == 0, "the blobs");
        Assert.Equal(2, _blobs.Count);
        Assert.All(_blobs.Keys, name => Assert.Matches(Name(), name));
    }

    [Fact]
    public async Task Sink_that_fails_is_tried_again_under_the_same_name()
    {
        await using var topic = LocalTopic.Create(_clock);
        var tried = new ConcurrentQueue<string>();
        topic.Topic.DeadLetterSink = (name, json, cancellationToken) =>
        {
            tried.Enqueue(name);
            return tried.Count < 3 ? Task.FromException(new IOException("planted")) : Write(name, json, cancellationToken);
        };
        await using var webhook = await FailingAsync(topic);
        await topic.PublishAsync("1");
        await topic.QuietAsync();
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            _clock.Advance(TimeSpan.FromMinutes(6));
            var expected = attempt;
            await Soon.TrueAsync(() => tried.Count >= expected && (expected == 3 || topic.Topic.DeadLetters(1)[0].LastError is { } error && !error.Contains("planted", StringComparison.Ordinal) && error.Contains("error id", StringComparison.Ordinal)), Invariant($"try {attempt}"));
            await Soon.TrueAsync(() => expected == 3 || _clock.ArmedTimers > 0, "the next try to be set");
        }

        await topic.WaitAsync("hook", s => s.DeadLettered == 1, "the blob");
        Assert.Single(tried.Distinct());
        Assert.Single(topic.Log.Lines, line => line.Contains("could not be written (planted)", StringComparison.Ordinal));
    }

    private static async Task<Webhook> FailingAsync(LocalTopic topic)
    {
        var webhook = await Webhook.StartAsync();
        webhook.OnDelivery = _ => Task.FromResult(400);
        await topic.SubscribeAsync("hook", webhook);
        return webhook;
    }

    private Task Write(string name, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        _blobs[name] = json.ToArray();
        return Task.CompletedTask;
    }

    [GeneratedRegex("^deadletters/HOOK/2026/3/4/5/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.json$")]
    private static partial Regex Name();
}
