using System.Net;
using System.Text;
using System.Text.Json;
using static Pipeline.Tests.Webhooks.WebhookRequests;

namespace Pipeline.Tests;

/// <summary>JSON that not everybody reads alike is refused with its path wherever it comes in, and never a failure of ours.</summary>
public sealed class UnreadableJsonTests : IAsyncLifetime
{
    private RunningPipeline _pipeline = null!;

    private HttpClient Http => _pipeline.Http;

    public async Task InitializeAsync() => _pipeline = await RunningPipeline.StartAsync(settings: Settings);

    public async Task DisposeAsync() => await _pipeline.DisposeAsync();

    [Fact]
    public async Task Every_body_is_refused_with_the_path_of_what_is_wrong()
    {
        (HttpMethod Method, string Path)[] requests =
        [
            (HttpMethod.Post, "api/orders"),
            (HttpMethod.Post, "api/orders/o-1/cancel"),
            (HttpMethod.Put, "api/stock/a"),
            (HttpMethod.Post, "api/replays"),
            (HttpMethod.Post, "api/replays/r/stop"),
            (HttpMethod.Post, "api/dead-letters/discard"),
            (HttpMethod.Post, "api/dead-letters/edit"),
            (HttpMethod.Post, "api/dead-letters/payments/o-1/dl:1/edit"),
            (HttpMethod.Post, "api/dead-letters/payments/o-1/dl:1/discard"),
        ];
        (string Body, string Path)[] cases =
        [
            ("""{"patch":[{"op":"add","path":"/\ud83d","value":1}]}""", "$.patch[0].path"),
            ("""{"replacement":{"a":{"\ud83d":1}}}""", @"$.replacement.a['\ud83d']"),
            ("""{"by":"\udc00"}""", "$.by"),
            ("""{"by":"a","by":"b"}""", "$.by"),
            ("""{"lines":[{"sku":"a","sku":"b"}]}""", "$.lines[0].sku"),
            ("{\"replacement\":" + new string('[', 70) + new string(']', 70) + "}", "$.replacement[0]"),
        ];
        foreach (var (method, path) in requests)
        {
            foreach (var (body, at) in cases)
            {
                using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
                request.Headers.Add("Idempotency-Key", "k");
                using var answer = await Http.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, Invariant($"{path} {body}: {(int)answer.StatusCode} {text}"));
                var errors = JsonDocument.Parse(text).RootElement.GetProperty("errors");
                Assert.StartsWith(at, Assert.Single(errors.EnumerateObject()).Name, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("{\"\\ud83d\":1}", "half a surrogate pair in its name")]
    [InlineData("\"\\ud83d\"", "half a surrogate pair in it")]
    [InlineData("{\"a\":1,\"a\":2}", "is there twice")]
    [InlineData("1e999999", "orderId")]
    [InlineData("$DEEP", "deeper than")]
    public async Task An_event_that_cannot_be_read_is_told_by_its_number_and_the_others_have_their_effect(string value, string says)
    {
        value = value.Replace("$DEEP", new string('[', 100_000) + new string(']', 100_000), StringComparison.Ordinal);
        var bad = value.StartsWith('1')
            ? Event("o-2", "2").Replace("\"o-2\"", value, StringComparison.Ordinal)
            : Event("o-2", "2").Replace("\"orderId\":", $"\"more\":{value},\"orderId\":", StringComparison.Ordinal);
        var name = Event("o-4", "4", "\"\\ud83d\":1");
        var answer = await Http.SendAsync($"[{Event("o-1", "1")},{bad},{Event("o-3", "3")},{name}]", Batch);
        answer.AssertProblem(HttpStatusCode.BadRequest, "Event [1]: ");
        answer.AssertProblem(HttpStatusCode.BadRequest, says);
        Assert.Equal(["[1]", "[3]"], JsonDocument.Parse(answer.Body).RootElement.GetProperty("errors").EnumerateObject().Select(e => e.Name));
        Assert.Equal(["parcel-o-1", "parcel-o-3"], (await _pipeline.ShippingAsync("state")).Select(s => s.GetProperty("pk").GetString()).Order());
    }
}
