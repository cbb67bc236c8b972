using System.Net;
using System.Text;
using Pipeline.Local.Testing;

namespace Pipeline.Tests.EventGrid;

public sealed class SubscriptionTests
{
    [Fact]
    public async Task Nothing_is_delivered_before_the_webhook_agreed_and_nothing_is_lost_meanwhile()
    {
        var clock = new ManualTimeProvider();
        await using var topic = LocalTopic.Create(clock);
        await using var webhook = await Webhook.StartAsync();
        webhook.AllowedOrigin = null;
        await topic.PutAsync("hook", $$"""{ "endpoint": "{{webhook.Url}}" }""");
        await topic.PublishAsync("1");
        await topic.WaitAsync("hook", s => s.LastError is not null, "the refusal");
        Assert.Contains("WebHook-Allowed-Origin", topic.Status("hook").LastError, StringComparison.Ordinal);
        Assert.Equal(("AwaitingHandshake", 1), (topic.Status("hook").State, topic.Status("hook").Pending));
        Assert.Empty(webhook.Deliveries);

        webhook.AllowedOrigin = "*";
        await AgreeAsync(topic, clock);
        await topic.QuietAsync();
        Assert.Equal(["1"], webhook.Ids);
    }

    [Fact]
    public async Task Webhook_that_is_down_at_the_handshake_is_asked_again()
    {
        var clock = new ManualTimeProvider();
        await using var topic = LocalTopic.Create(clock);
        await using var webhook = await Webhook.StartAsync();
        await webhook.DownAsync();
        await topic.PutAsync("hook", $$"""{ "endpoint": "{{webhook.Url}}" }""");
        await topic.WaitAsync("hook", s => s.LastError is not null, "the failure");
        await topic.PublishAsync("1");
        await webhook.UpAsync();
        await AgreeAsync(topic, clock);
        await topic.QuietAsync();
        Assert.Equal(["1"], webhook.Ids);
    }

    [Fact]
    public async Task Event_that_waits_for_a_handshake_does_not_wait_for_ever()
    {
        var clock = new ManualTimeProvider();
        await using var topic = LocalTopic.Create(clock);
        await using var webhook = await Webhook.StartAsync();
        webhook.AllowedOrigin = "somebody.example";
        await topic.PutAsync("hook", $$"""{ "endpoint": "{{webhook.Url}}", "eventTimeToLive": "PT1H" }""");
        await topic.PublishAsync("1");
        clock.Advance(TimeSpan.FromMinutes(61));
        await topic.QuietAsync();
        Assert.Equal("TimeToLiveExceeded", Assert.Single(topic.Topic.DeadLetters(10)).Reason);
    }

    [Fact]
    public async Task Changed_endpoint_has_to_agree_anew_and_gets_what_waits()
    {
        await using var topic = LocalTopic.Create();
        await using var old = await Webhook.StartAsync();
        await using var next = await Webhook.StartAsync();
        await topic.SubscribeAsync("hook", old);
        topic.Topic.HoldDeliveries = true;
        await topic.PublishAsync("1");
        await topic.SubscribeAsync("hook", next, """ "types": ["other"] """);
        await topic.PublishAsync("filtered");
        topic.Topic.HoldDeliveries = false;
        await topic.QuietAsync();
        Assert.Empty(old.Deliveries);
        Assert.Equal(["1"], next.Ids);
        Assert.Equal(1, next.Handshakes);
    }

    [Fact]
    public async Task Deleted_subscription_is_gone_with_what_waits()
    {
        await using var topic = LocalTopic.Create(onDisk: true);
        await using var webhook = await Webhook.StartAsync();
        await topic.SubscribeAsync("hook", webhook);
        topic.Topic.HoldDeliveries = true;
        await topic.PublishAsync("1");
        using (var deleted = await topic.Http.DeleteAsync("/subscriptions/HOOK"))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(0, topic.Topic.PendingCount);
        using (var again = await topic.Http.DeleteAsync("/subscriptions/hook"))
            Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        await topic.RestartAsync(kill: true);
        Assert.Null(topic.Topic.Subscription("hook"));
    }

    [Theory]
    [InlineData("hook", """{ "endpoint": "localhost" }""", 400, "http://")]
    [InlineData("hook", """{ "endpoint": "http://user:secret@host/" }""", 400, "user information")]
    [InlineData("hook", """{ }""", 400, "endpoint")]
    [InlineData("hook", "{", 400, "")]
    [InlineData("hook", """{ "endpoint": "http://host/", "batch": 5 }""", 400, "batch")]
    [InlineData("hook", """{ "endpoint": "http://host/", "eventTimeToLive": "soon" }""", 400, "soon")]
    [InlineData("hook", """{ "endpoint": "http://host/", "types": [ null ] }""", 400, "types[0] is null")]
    [InlineData("hook", """{ "endpoint": "http://host/", "advancedFilters": [ null ] }""", 400, "advancedFilters[0] is null")]
    [InlineData("a_b", """{ "endpoint": "http://host/" }""", 400, "a_b")]
    [InlineData("notify", """{ "endpoint": "http://host/" }""", 409, "topology.json")]
    public async Task Bad_subscription_is_refused_with_the_reason(string name, string json, int status, string expected)
    {
        await using var topic = LocalTopic.Create(subscriptions: """[ { "name": "notify", "function": "f" } ]""");
        using var response = await topic.Http.PutAsync($"/subscriptions/{name}", new StringContent(json, Encoding.UTF8, "application/json"));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(expected, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(topic.Topic.Subscriptions());
    }

    [Theory]
    [InlineData("GET", "/api/events", 405)]
    [InlineData("POST", "/subscriptions", 405)]
    [InlineData("POST", "/subscriptions/x", 405)]
    [InlineData("GET", "/subscriptions/x", 404)]
    [InlineData("DELETE", "/subscriptions/notify", 409)]
    [InlineData("GET", "/subscriptions/notify", 200)]
    [InlineData("GET", "/elsewhere", 404)]
    public async Task Other_requests_are_answered_plainly(string method, string path, int status)
    {
        await using var topic = LocalTopic.Create(subscriptions: """[ { "name": "notify", "function": "f" } ]""");
        using var response = await topic.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Endpoint_setting_makes_the_subscription_and_an_empty_one_unmakes_it()
    {
        await using var webhook = await Webhook.StartAsync();
        string? setting = "";
        const string Partner = """[ { "name": "partner", "endpointSetting": "PartnerWebhook" } ]""";
        await using var topic = LocalTopic.Create(onDisk: true, subscriptions: Partner, settings: name => name == "PartnerWebhook" ? setting : null);
        Assert.Empty(topic.Topic.Subscriptions());
        await topic.PublishAsync("nobody");

        setting = webhook.Url;
        await topic.RestartAsync();
        await topic.PublishAsync("1");
        await topic.QuietAsync();
        Assert.Equal(["1"], webhook.Ids);
        await topic.RestartAsync();
        Assert.Equal("Active", topic.Status("partner").State);
        Assert.Equal(1, webhook.Handshakes);

        setting = null;
        await topic.RestartAsync();
        Assert.Empty(topic.Topic.Subscriptions());
    }

    /// <summary>The wait for the next handshake may be set a moment after the failure shows, so time is moved until it is over.</summary>
    private static Task AgreeAsync(LocalTopic topic, ManualTimeProvider clock) => Soon.TrueAsync(
        () =>
        {
            if (topic.Status("hook").State == "Active")
                return true;
            clock.Advance(TimeSpan.FromSeconds(1));
            return false;
        },
        "the handshake");
}
