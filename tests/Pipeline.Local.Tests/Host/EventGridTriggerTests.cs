using System.Net;
using System.Text;

namespace Pipeline.Tests.Hosting;

public sealed class EventGridTriggerTests
{
    private const string Event = """{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"a":1}}""";

    [Theory]
    [InlineData("GridSingle", "1", "2")]
    [InlineData("GridBatch", "1,2")]
    public async Task Delivered_events_are_handled_and_accepted(string function, params string[] expected)
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "GridSingle,GridBatch");
        using var response = await PostAsync(host, function, $"[{Event},{Event.Replace("\"1\",\"source", "\"2\",\"source", StringComparison.Ordinal)}]");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(expected, host.Probe.Seen);
    }

    [Fact]
    public async Task Failure_is_500_so_that_the_event_is_delivered_again()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "GridSingle");
        host.Probe.OnSeen = _ => throw new InvalidOperationException("planted");
        using var response = await PostAsync(host, "GridSingle", Event);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Fact]
    public async Task Unknown_function_is_404_and_what_is_no_event_is_400()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "GridSingle");
        using var unknown = await PostAsync(host, "Nobody", Event);
        using var bad = await PostAsync(host, "GridSingle", "{}");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
    }

    [Fact]
    public async Task Handshake_allows_event_grid_whoever_asks()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "GridSingle");
        using var request = new HttpRequestMessage(HttpMethod.Options, "/runtime/webhooks/EventGrid?functionName=GridSingle");
        request.Headers.Add("WebHook-Request-Origin", "somebody.example");
        using var response = await host.Http.SendAsync(request);
        Assert.Equal("eventgrid.azure.net", response.Headers.GetValues("WebHook-Allowed-Origin").Single());
    }

    [Fact]
    public async Task Post_that_is_no_notification_is_400_as_in_azure()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "GridSingle");
        using var response = await host.Http.PostAsync(
            "/runtime/webhooks/EventGrid?functionName=GridSingle", new StringContent(Event, Encoding.UTF8, "application/cloudevents+json"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(host.Probe.Seen);
    }

    private static async Task<HttpResponseMessage> PostAsync(TestHost host, string function, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/runtime/webhooks/EventGrid?functionName={function}");
        request.Headers.Add("aeg-event-type", "Notification");
        request.Content = new StringContent(body, Encoding.UTF8, "application/cloudevents-batch+json");
        return await host.Http.SendAsync(request);
    }
}
