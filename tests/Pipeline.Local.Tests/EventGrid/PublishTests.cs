using System.Net;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Messaging.EventGrid;
using Pipeline.Local.EventGrid;

namespace Pipeline.Tests.EventGrid;

public sealed class PublishTests
{
    private const string One = """{"specversion":"1.0","id":"1","source":"/s","type":"t"}""";

    [Fact]
    public async Task Events_of_the_sdk_arrive_as_they_were_sent_in_structured_mode_one_a_request()
    {
        await using var topic = LocalTopic.Create();
        await using var webhook = await Webhook.StartAsync();
        await topic.SubscribeAsync("partner", webhook);
        var first = LocalTopic.Event("a", "com.contoso.placed.v1", "orders/1", new { total = 12.5 });
        first.ExtensionAttributes["correlationid"] = "c-1";
        await topic.Client.SendEventsAsync([first, LocalTopic.Event("b")]);
        await webhook.WaitAsync(2);

        var delivery = webhook.Deliveries.Single(d => d.Id == "a");
        Assert.Equal("application/cloudevents+json; charset=utf-8", delivery.Headers["Content-Type"]);
        Assert.Equal("PARTNER", delivery.Headers["aeg-subscription-name"]);
        Assert.Equal("0", delivery.Headers["aeg-delivery-count"]);
        Assert.Equal("Notification", delivery.Headers["aeg-event-type"]);
        Assert.Equal("1", delivery.Headers["aeg-metadata-version"]);
        Assert.DoesNotContain("traceparent", delivery.Headers.Keys);
        var json = JsonDocument.Parse(delivery.Body).RootElement;
        Assert.Equal("com.contoso.placed.v1", json.GetProperty("type").GetString());
        Assert.Equal("orders/1", json.GetProperty("subject").GetString());
        Assert.Equal("c-1", json.GetProperty("correlationid").GetString());
        Assert.Equal(12.5, json.GetProperty("data").GetProperty("total").GetDouble());
    }

    [Fact]
    public async Task Encoded_events_of_the_sdk_arrive_byte_for_byte()
    {
        await using var topic = LocalTopic.Create();
        await using var webhook = await Webhook.StartAsync();
        await topic.SubscribeAsync("partner", webhook);
        const string Spaced = """{ "specversion" : "1.0", "id":"1", "source":"/s", "type":"t", "data": { "text" : "\u00e4 ä" } }""";
        await topic.Client.SendEncodedCloudEventsAsync(Encoding.UTF8.GetBytes($"[ {Spaced} ]"));
        await webhook.WaitAsync(1);
        Assert.Equal(Spaced, webhook.Deliveries.Single().Body);
    }

    [Fact]
    public async Task Single_structured_event_and_binary_mode_are_taken()
    {
        await using var topic = LocalTopic.Create();
        await using var webhook = await Webhook.StartAsync();
        await topic.SubscribeAsync("partner", webhook);
        using var structured = await PostAsync(topic, One, "application/cloudevents+json; charset=utf-8");
        Assert.Equal(HttpStatusCode.OK, structured.StatusCode);
        using var json = await PostBinaryAsync(topic, "2", """{"a":1}"""u8.ToArray(), "application/json");
        using var text = await PostBinaryAsync(topic, "3", "hello"u8.ToArray(), "text/plain");
        using var bytes = await PostBinaryAsync(topic, "4", [1, 2, 255], "application/octet-stream");
        await webhook.WaitAsync(4);
        JsonElement Event(string id) => JsonDocument.Parse(webhook.Deliveries.Single(d => d.Id == id).Body).RootElement;
        Assert.Equal("""{"a":1}""", Event("2").GetProperty("data").GetRawText());
        Assert.Equal("Euro \u20ac", Event("2").GetProperty("note").GetString());
        Assert.Equal("application/json", Event("2").GetProperty("datacontenttype").GetString());
        Assert.Equal("hello", Event("3").GetProperty("data").GetString());
        Assert.Equal([1, 2, 255], Event("4").GetProperty("data_base64").GetBytesFromBase64());
    }

    [Theory]
    [InlineData("""{"id":"1"}""", "array")]
    [InlineData("[1]", "Event 1 of 1: an event is a JSON object, not a JSON number")]
    [InlineData("[{]", "no JSON")]
    [InlineData("""[{"specversion":"1.0","id":"1","source":"/s","type":"t"},{"specversion":"1.0","source":"/s","type":"t"}]""", "Event 2 of 2: 'id' is missing")]
    [InlineData("""[{"specversion":"1.0","id":"","source":"/s","type":"t"}]""", "'id'")]
    [InlineData("""[{"id":"1","source":"/s","type":"t"}]""", "specversion")]
    [InlineData("""[{"specversion":"0.3","id":"1","source":"/s","type":"t"}]""", "0.3")]
    [InlineData("""[{"specversion":"1.0","id":"1","type":"t"}]""", "source")]
    [InlineData("""[{"specversion":"1.0","id":"1","source":"/s"}]""", "type")]
    [InlineData("""[{"specversion":"1.0","id":"1","source":"/s","type":"t","correlationId":"x"}]""", "correlationId")]
    [InlineData("""[{"specversion":"1.0","id":"1","source":"/s","type":"t","abcdefghijklmnopqrstu":"x"}]""", "20")]
    [InlineData("""[{"specversion":"1.0","id":"1","source":"/s","type":"t","ext":{}}]""", "ext")]
    [InlineData("""[{"specversion":"1.0","id":"1","source":"/s","type":"t","id":"2"}]""", "twice")]
    [InlineData("""[{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"yesterday"}]""", "time")]
    [InlineData("""[{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1,"data_base64":"AA=="}]""", "both")]
    [InlineData("""[{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"?"}]""", "Base64")]
    [InlineData("""[{"specversion":"1.0","id":"\ud800","source":"/s","type":"t"}]""", "$.id: has half a surrogate pair")]
    public async Task What_is_no_cloud_event_is_400_that_says_why_and_nothing_of_its_array_is_delivered(string body, string expected)
    {
        await using var topic = LocalTopic.Create();
        await using var webhook = await Webhook.StartAsync();
        await topic.SubscribeAsync("partner", webhook);
        var error = await Assert.ThrowsAsync<RequestFailedException>(() => topic.Client.SendEncodedCloudEventsAsync(Encoding.UTF8.GetBytes(body)));
        Assert.Equal(400, error.Status);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, topic.Topic.PendingCount);
        Assert.Empty(webhook.Deliveries);
    }

    [Theory]
    [InlineData(null, "data_base64", "\"AXu8\"", new byte[] { 0x01, 0x7b, 0xbc })]
    [InlineData("application/xml", "data_base64", "\"PGEvPg==\"", new byte[] { 0x3c, 0x61, 0x2f, 0x3e })]
    [InlineData("text/plain", "data", "\"\u00e9<\"", new byte[] { 0xc3, 0xa9, 0x3c })]
    [InlineData("application/json", "data", "{ \"a\" : 1.50, \"b\":\"<\\u00e9\" }", new byte[0])]
    public async Task In_binary_mode_data_stays_what_it_is_whatever_its_type_says(string? contentType, string member, string expected, byte[] body)
    {
        await using var topic = LocalTopic.Create();
        await using var webhook = await Webhook.StartAsync();
        await topic.SubscribeAsync("partner", webhook);
        using var response = await PostBinaryAsync(topic, "1", body.Length > 0 ? body : Encoding.UTF8.GetBytes(expected), contentType);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await topic.QuietAsync();
        using var delivered = JsonDocument.Parse(Assert.Single(webhook.Deliveries).Body);
        Assert.Equal(expected, delivered.RootElement.GetProperty(member).GetRawText());
        Assert.Equal(contentType, delivered.RootElement.TryGetProperty("datacontenttype", out var type) ? type.GetString() : null);
    }

    [Fact]
    public async Task Event_grid_events_are_400_that_names_the_content_types()
    {
        await using var topic = LocalTopic.Create();
        var error = await Assert.ThrowsAsync<RequestFailedException>(() => topic.Client.SendEventAsync(new EventGridEvent("s", "t", "1", new { })));
        Assert.Equal(400, error.Status);
        Assert.Contains("application/cloudevents-batch+json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_it_is_401_and_with_a_signature_or_token_it_is_not()
    {
        await using var topic = LocalTopic.Create();
        using var none = await PostAsync(topic, One, "application/cloudevents+json", key: null);
        Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
        using var signature = await PostAsync(topic, One, "application/cloudevents+json", key: "aeg-sas-token");
        Assert.Equal(HttpStatusCode.OK, signature.StatusCode);
    }

    [Theory]
    [InlineData(0, 200)]
    [InlineData(1, 413)]
    public async Task A_request_has_1_MB_at_most(int tooMany, int status)
    {
        await using var topic = LocalTopic.Create();
        var frame = """[{"specversion":"1.0","id":"1","source":"/s","type":"t","data":""}]""";
        var body = frame.Insert(frame.Length - 3, new string('x', (1024 * 1024) - frame.Length + tooMany));
        using var response = await PostAsync(topic, body, "application/cloudevents-batch+json");
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Outage_is_what_the_publisher_sees_and_nothing_is_accepted()
    {
        await using var topic = LocalTopic.Create();
        await using var webhook = await Webhook.StartAsync();
        await topic.SubscribeAsync("partner", webhook);
        topic.Topic.OnPublish = _ => ValueTask.FromResult(PublishFault.Status(503));
        Assert.Equal(503, (await Assert.ThrowsAsync<RequestFailedException>(() => topic.PublishAsync("1"))).Status);
        topic.Topic.OnPublish = _ => ValueTask.FromResult(PublishFault.LoseRequest);
        await Assert.ThrowsAsync<RequestFailedException>(() => topic.PublishAsync("2"));
        topic.Topic.OnPublish = _ => ValueTask.FromResult(PublishFault.LoseAnswer);
        await Assert.ThrowsAsync<RequestFailedException>(() => topic.PublishAsync("3"));
        topic.Topic.OnPublish = null;
        await topic.PublishAsync("4");
        await topic.QuietAsync();
        Assert.Equal(["3", "4"], webhook.Ids.Order());
    }

    [Fact]
    public async Task More_than_may_wait_is_503_until_room_is_made()
    {
        await using var topic = LocalTopic.Create();
        await using var webhook = await Webhook.StartAsync();
        await topic.SubscribeAsync("partner", webhook);
        topic.Topic.HoldDeliveries = true;
        topic.Topic.MaxPendingBytes = 1000;
        await topic.Client.SendEventAsync(LocalTopic.Event("1", data: new string('x', 500)));
        var error = await Assert.ThrowsAsync<RequestFailedException>(() => topic.Client.SendEventAsync(LocalTopic.Event("2", data: new string('x', 500))));
        Assert.Equal(503, error.Status);
        topic.Topic.HoldDeliveries = false;
        await topic.QuietAsync();
        await topic.Client.SendEventAsync(LocalTopic.Event("3", data: new string('x', 500)));
        await topic.QuietAsync();
        Assert.Equal(["1", "3"], webhook.Ids);
    }

    private static async Task<HttpResponseMessage> PostAsync(LocalTopic topic, string body, string contentType, string? key = "aeg-sas-key")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/events") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        if (key is not null)
            request.Headers.Add(key, "any");
        return await topic.Http.SendAsync(request);
    }

    private static async Task<HttpResponseMessage> PostBinaryAsync(LocalTopic topic, string id, byte[] body, string? contentType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/events") { Content = new ByteArrayContent(body) };
        if (contentType is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        foreach (var (name, value) in new[] { ("specversion", "1.0"), ("id", id), ("source", "/s"), ("type", "t"), ("note", "Euro%20%E2%82%AC") })
            request.Headers.Add($"ce-{name}", value);
        request.Headers.Add("aeg-sas-key", "any");
        return await topic.Http.SendAsync(request);
    }
}
