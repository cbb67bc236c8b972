using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Pipeline.Local.EventGrid;
using Pipeline.Local.Testing;

namespace Pipeline.Tests.EventGrid;

/// <summary>What the topic takes can be dead-lettered, whatever is in it; what could not be is refused when it is published.</summary>
public sealed class DeadLetterLimitTests
{
    private const string Structured = "application/cloudevents+json";
    private const int MaxBytes = 1024 * 1024;

    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(2026, 3, 4, 5, 58, 0, TimeSpan.Zero));
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new();

    public static TheoryData<string> LargestOfTheirKind => new()
    {
        Filled("\"data\":\"", "x", "\""),
        Filled("\"data\":\"", "\u20ac", "\""),
        Filled("\"data\":\"", "\\u0000", "\""),
        Filled("\"data\":\"", "\\ud83d\\ude00", "\""),
        Filled("\"data\":[0", ",0", "]"),
        Filled("\"data\":[0", ",1e999", "]"),
        Filled("\"data_base64\":\"", "AAAA", "\""),
        Filled("\"data\":", " ", "1"),
        Event("\"data\":" + new string('[', 62) + new string(']', 62)),
        Event("\"data\":{" + string.Join(',', Enumerable.Range(0, 50_000).Select(i => Invariant($"\"n{i}\":{i}"))) + "}"),
        Event(string.Join(',', Enumerable.Range(0, 40_000).Select(i => Invariant($"\"a{i}\":{i}")))),
        Event($"\"subject\":\"{new string('s', 1024)}\",\"deadletterreason\":\"r\",\"publishtime\":\"p\""),
    };

    [Theory]
    [MemberData(nameof(LargestOfTheirKind))]
    public async Task The_largest_event_of_each_kind_becomes_a_dead_letter_that_everybody_can_read(string json)
    {
        await using var topic = LocalTopic.Create(_clock);
        topic.Topic.DeadLetterSink = Write;
        await using var webhook = await FailingAsync(topic);
        using (var answer = await PostAsync(topic, Encoding.UTF8.GetBytes(json), Structured))
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        await AssertDeadLetterAsync(topic, json);
    }

    /// <summary>Out of a journal that an earlier version wrote.</summary>
    [Theory]
    [InlineData("\"data\":\"\\ud83d\"")]
    [InlineData("\"data\":{\"\\ud83d\":1}")]
    [InlineData("\"data\":{\"a\":1,\"a\":2}")]
    public async Task What_was_taken_before_is_written_as_it_is(string data)
    {
        await using var topic = LocalTopic.Create(_clock);
        topic.Topic.DeadLetterSink = Write;
        await using var webhook = await FailingAsync(topic);
        using (var document = JsonDocument.Parse(Event(data)))
            topic.Topic.Publish([new IncomingEvent("1", "t", "", document.RootElement)]);
        await AssertDeadLetterAsync(topic, Event(data));
    }

    [Theory]
    [InlineData("\"data\":\"\\ud83d\"", "$: has half a surrogate pair in it")]
    [InlineData("\"data\":{\"a\":[{\"\\ud83d\":1}]}", "$.a[0]['\\ud83d']: has half a surrogate pair in its name")]
    [InlineData("\"data\":{\"a\":1,\"a\":2}", "$.a: is there twice")]
    public async Task Data_that_is_no_text_is_refused_with_its_path_and_its_number_in_the_batch(string data, string says)
    {
        await using var topic = LocalTopic.Create(_clock);
        using var answer = await PostAsync(topic, Encoding.UTF8.GetBytes($"[{Event("\"data\":1")},{Event(data)}]"), "application/cloudevents-batch+json");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetProperty("message").GetString()!;
        Assert.Contains("Event 2 of 2: the data cannot be read: $", error, StringComparison.Ordinal);
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.Equal(0, topic.Topic.PendingCount);
    }

    [Theory]
    [InlineData("application/octet-stream", 700_000, 200)]
    [InlineData("application/octet-stream", MaxBytes, 413)]
    [InlineData("text/plain", MaxBytes, 413)]
    [InlineData("text/plain", MaxBytes - 1000, 200)]
    public async Task An_event_in_binary_mode_is_as_large_as_the_JSON_that_it_becomes(string contentType, int bytes, int status)
    {
        await using var topic = LocalTopic.Create(_clock);
        using var answer = await PostAsync(topic, [.. Enumerable.Repeat((byte)'x', bytes)], contentType, isBinary: true);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Text_in_binary_mode_has_to_be_UTF_8_and_stays_as_long_as_it_is()
    {
        await using var topic = LocalTopic.Create(_clock);
        await using var webhook = await Webhook.StartAsync();
        await topic.SubscribeAsync("hook", webhook);
        using var bad = await PostAsync(topic, [0xff], "text/plain", isBinary: true);
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        using var good = await PostAsync(topic, Encoding.UTF8.GetBytes("\u20ac"), "text/plain", isBinary: true);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        await webhook.WaitAsync(1);
        Assert.Contains("\"\u20ac\"", webhook.Deliveries.Single().Body, StringComparison.Ordinal);
    }

    private async Task AssertDeadLetterAsync(LocalTopic topic, string json)
    {
        await topic.QuietAsync();
        _clock.Advance(TimeSpan.FromSeconds(301));
        await topic.WaitAsync("hook", s => s.DeadLettered == 1, "the blob");
        using var letters = JsonDocument.Parse(Assert.Single(_blobs).Value);
        var letter = Assert.Single(letters.RootElement.EnumerateArray());
        Assert.Equal("UndeliverableDueToHttpBadRequest", letter.GetProperty("deadletterreason").GetString());
        using var sent = JsonDocument.Parse(json);
        foreach (var property in sent.RootElement.EnumerateObject().Where(p => p.Name.StartsWith("data", StringComparison.Ordinal)))
            Assert.Equal(property.Value.GetRawText(), letter.GetProperty(property.Name).GetRawText());
        Assert.Empty(topic.Topic.DeadLetters(10));
    }

    private static string Event(string more) => $$"""{"specversion":"1.0","id":"1","source":"/s","type":"t",{{more}}}""";

    /// <summary>An event of the largest size, filled up with copies of something.</summary>
    private static string Filled(string before, string filling, string after)
    {
        var rest = MaxBytes - Encoding.UTF8.GetByteCount(Event(before + after));
        return Event(before + string.Concat(Enumerable.Repeat(filling, rest / Encoding.UTF8.GetByteCount(filling))) + after);
    }

    private static async Task<HttpResponseMessage> PostAsync(LocalTopic topic, byte[] body, string contentType, bool isBinary = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/events") { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        (string, string)[] attributes = isBinary ? [("specversion", "1.0"), ("id", "1"), ("source", "/s"), ("type", "t")] : [];
        foreach (var (name, value) in attributes)
            request.Headers.Add($"ce-{name}", value);
        request.Headers.Add("aeg-sas-key", "any");
        return await topic.Http.SendAsync(request);
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
}
