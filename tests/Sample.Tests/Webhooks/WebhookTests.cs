using System.Net;
using System.Text.Json;
using Pipeline.AzureFunctions.Webhooks;
using static Pipeline.Tests.Webhooks.WebhookRequests;

namespace Pipeline.Tests.Webhooks;

/// <summary>What the receiver takes, whom from, and what it makes of it.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private RunningPipeline _pipeline = null!;

    private HttpClient Http => _pipeline.Http;

    public async Task InitializeAsync() => _pipeline = await RunningPipeline.StartAsync(settings: Settings);

    public async Task DisposeAsync() => await _pipeline.DisposeAsync();

    [Fact]
    public async Task An_event_has_its_effect_in_every_content_mode()
    {
        var structured = await Http.SendAsync(Event("o-1", "1"));
        var batch = await Http.SendAsync($"[{Event("o-2", "2")},{Event("o-3", "3")}]", Batch);
        var binary = await Http.SendAsync(
            """{"orderId":"o-4","deliveredAt":"2026-01-31T12:00:00Z","signedBy":"Ada"}""", "application/json; charset=utf-8", headers:
            [("CE-SpecVersion", "1.0"), ("ce-id", "4"), ("ce-source", "https://carrier.example/depot"), ("ce-type", Delivered), ("ce-subject", "a%20%F0%9F%98%80")]);
        var base64 = await Http.SendAsync(
            $$"""{"specversion":"1.0","id":"5","source":"s","type":"{{Delivered}}","data_base64":"eyJvcmRlcklkIjoiby01IiwiZGVsaXZlcmVkQXQiOiIyMDI2LTAxLTMxVDEyOjAwOjAwWiJ9"}""");
        foreach (var answer in new[] { structured, batch, binary, base64 })
            Assert.True(answer.Status == HttpStatusCode.Accepted && answer.Body.Length == 0, $"{answer.Status}: {answer.Body}");

        Assert.Equal(
            ["parcel-o-1", "parcel-o-2", "parcel-o-3", "parcel-o-4", "parcel-o-5"],
            (await _pipeline.ShippingAsync("state")).Select(s => s.GetProperty("pk").GetString()).Order());
        var signed = Assert.Single(await _pipeline.ShippingAsync("inbox"), r => r.GetProperty("pk").GetString() == "parcel-o-4");
        Assert.Equal("a \U0001F600", signed.GetProperty("subject").GetString());
        await _pipeline.WaitUntilQuietAsync();
        await Http.WaitUntilPublishedAsync();
    }

    [Fact]
    public async Task G4_The_same_id_and_source_twice_is_one_effect()
    {
        var other = Event("o-1", "1").Replace("/depot", "/other", StringComparison.Ordinal);
        foreach (var body in new[] { Event("o-1", "1"), Event("o-1", "1"), other })
            Assert.Equal(HttpStatusCode.Accepted, (await Http.SendAsync(body)).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await Http.SendAsync($"[{Event("o-1", "1")},{Event("o-1", "1")}]", Batch)).Status);
        Assert.Equal(2, (await _pipeline.ShippingAsync("inbox")).Count);
        Assert.Equal(2, Assert.Single(await _pipeline.ShippingAsync("head")).GetProperty("commits").GetInt32());
        Assert.Equal(1, Assert.Single(await _pipeline.ShippingAsync("head")).GetProperty("number").GetInt32());
    }

    [Fact]
    public async Task G4_The_same_event_many_times_at_once_is_one_effect()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Http.SendAsync(Event())));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Accepted, a.Status));
        Assert.Equal(1, Assert.Single(await _pipeline.ShippingAsync("head")).GetProperty("number").GetInt32());
        Assert.Single(await _pipeline.ShippingAsync("inbox"));
    }

    [Fact]
    public async Task A_foreign_event_cannot_pass_for_one_of_ours_and_orders_nothing()
    {
        var more = """
            "source":"ordering","subject":"o-2","sequence":"0000000000000000007","causationid":"ordering:o-1:1","partitionkey":"o-3",
            "dataref":"http://169.254.169.254/","correlationid":"flow-1","replayid":"r","ledgerentry":"dl:x"
            """;
        var body = Event("o-1", "ordering:o-1:1", more).Replace("\"source\":\"https://carrier.example/depot\",", "", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, (await Http.SendAsync(body)).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await Http.SendAsync(body.Replace("7\",", "3\",", StringComparison.Ordinal).Replace("1:1\",", "1:2\",", StringComparison.Ordinal))).Status);

        var inbox = await _pipeline.ShippingAsync("inbox");
        Assert.Equal(["webhooks:carrier:ordering:o-1:1", "webhooks:carrier:ordering:o-1:2"], inbox.Select(r => r.GetProperty("eventId").GetString()).Order());
        foreach (var record in inbox)
        {
            Assert.Equal("parcel-o-1", record.GetProperty("pk").GetString());
            Assert.Equal("webhooks/carrier:ordering", record.GetProperty("source").GetString());
            Assert.Equal("flow-1", record.GetProperty("correlationId").GetString());
            Assert.False(record.TryGetProperty("sequence", out var sequence) && sequence.ValueKind != JsonValueKind.Null);
            Assert.False(record.TryGetProperty("causationId", out var causation) && causation.ValueKind != JsonValueKind.Null);
        }

        Assert.Empty(await _pipeline.ShippingAsync("deadletter"));
        Assert.Empty(Assert.Single(await _pipeline.ShippingAsync("head")).GetProperty("consumers").EnumerateObject());
    }

    [Fact]
    public async Task Ids_that_fit_nowhere_are_kept_apart_all_the_same()
    {
        var ids = new[] { new string('i', 1024), new string('i', 1023), "a/b?c#d\\e", "\u00fcber", "with space", "\U0001F600" };
        for (var round = 0; round < 2; round++)
        {
            foreach (var id in ids)
                Assert.Equal(HttpStatusCode.Accepted, (await Http.SendAsync(Event("o-1", JsonEncodedText.Encode(id).ToString()))).Status);
        }

        var known = (await _pipeline.ShippingAsync("inbox")).Select(r => r.GetProperty("eventId").GetString()!).ToList();
        Assert.Equal(ids.Length, known.Count);
        Assert.All(known, id => Assert.True(id.Length <= 128));
    }

    [Fact]
    public async Task Only_who_shows_a_token_is_heard_and_his_body_is_not_looked_at_before()
    {
        foreach (var token in new[] { null, "", "wrong", Digest(Token), Token + "x", Token[..^1] })
        {
            var answer = await Http.SendAsync("not even JSON", "text/plain", token: token);
            answer.AssertProblem(HttpStatusCode.Unauthorized, "access_token");
            Assert.Equal("Bearer", answer.Response.Headers.WwwAuthenticate.ToString());
        }

        (await Http.SendAsync(Event(), token: null, headers: [("Authorization", "Basic " + Token)])).AssertProblem(HttpStatusCode.Unauthorized, "token");
        (await Http.SendAsync(Event(), path: "api/webhooks/carrier?access_token=wrong", token: null)).AssertProblem(HttpStatusCode.Unauthorized, "token");
        (await Http.SendAsync(Event(), path: $"api/webhooks/carrier?access_token={Token}")).AssertProblem(HttpStatusCode.BadRequest, "not in both");
        Assert.Empty(await _pipeline.ShippingAsync(null));

        Assert.Equal(HttpStatusCode.Accepted, (await Http.SendAsync(Event("o-1"), token: NextToken)).Status);
        var byQuery = await Http.SendAsync(Event("o-2", "2"), path: $"api/webhooks/carrier?access_token={Token}", token: null);
        Assert.Equal(HttpStatusCode.Accepted, byQuery.Status);
        Assert.True(byQuery.Response.Headers.CacheControl!.NoStore);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("Carrier")]
    [InlineData("webhooks")]
    public async Task An_unknown_source_is_not_found(string source)
    {
        (await Http.SendAsync(Event(), path: $"api/webhooks/{source}")).AssertProblem(HttpStatusCode.NotFound, $"There is no webhook '{source}'");
        using var handshake = await ShakeAsync("eventgrid.azure.net", path: $"api/webhooks/{source}");
        Assert.Equal(HttpStatusCode.NotFound, handshake.StatusCode);
        Assert.False(handshake.Headers.Contains("WebHook-Allowed-Origin"));
    }

    [Theory]
    [InlineData("text/plain", null)]
    [InlineData("application/json", null)]
    [InlineData("application/cloudevents+avro", null)]
    [InlineData("application/cloudevents+json; charset=utf-16", null)]
    [InlineData("application/cloudevents+json", "gzip")]
    [InlineData(null, null)]
    [InlineData("nonsense", null)]
    public async Task What_cannot_be_read_is_415_and_says_what_can(string? contentType, string? encoding)
    {
        var answer = await Http.SendAsync(Event(), contentType, headers: encoding is null ? [] : [("Content-Encoding", encoding)]);
        answer.AssertProblem(HttpStatusCode.UnsupportedMediaType, Batch);
        Assert.Contains(Structured, answer.Response.Headers.GetValues("Accept").Single(), StringComparison.Ordinal);
        (await Http.SendAsync("<xml/>", "application/xml", headers: [("ce-id", "1")])).AssertProblem(HttpStatusCode.UnsupportedMediaType, "JSON");
    }

    [Fact]
    public async Task A_body_or_batch_that_is_too_large_is_refused()
    {
        var padded = Event() + new string(' ', WebhooksApi.MaxWebhookBytes);
        (await Http.SendAsync(padded)).AssertProblem(HttpStatusCode.RequestEntityTooLarge, "1048576");
        (await Http.SendAsync(padded, headers: [("Transfer-Encoding", "chunked")])).AssertProblem(HttpStatusCode.RequestEntityTooLarge, "1048576");
        var many = string.Join(',', Enumerable.Range(0, WebhooksApi.MaxBatch + 1).Select(i => Event("o-1", Invariant($"{i}"))));
        (await Http.SendAsync($"[{many}]", Batch)).AssertProblem(HttpStatusCode.RequestEntityTooLarge, "at most 100");
        Assert.Empty(await _pipeline.ShippingAsync(null));
    }

    [Theory]
    [InlineData("eventgrid.azure.net", null, "*")]
    [InlineData("EventGrid.azure.net", "120", "120")]
    [InlineData("carrier.example", "1", "1")]
    public async Task The_handshake_allows_the_origins_that_are_set(string origin, string? rate, string allowedRate)
    {
        using var response = await ShakeAsync(origin, rate);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(origin, response.Headers.GetValues("WebHook-Allowed-Origin").Single());
        Assert.Equal(allowedRate, response.Headers.GetValues("WebHook-Allowed-Rate").Single());
        Assert.Contains("POST", response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("evil.example", null, HttpStatusCode.Forbidden)]
    [InlineData("*", null, HttpStatusCode.Forbidden)]
    [InlineData("x.eventgrid.azure.net", null, HttpStatusCode.Forbidden)]
    [InlineData("eventgrid.azure.net", "0", HttpStatusCode.BadRequest)]
    [InlineData("eventgrid.azure.net", "fast", HttpStatusCode.BadRequest)]
    [InlineData(null, null, HttpStatusCode.NoContent)]
    public async Task The_handshake_allows_nobody_else(string? origin, string? rate, HttpStatusCode status)
    {
        using var response = await ShakeAsync(origin, rate);
        Assert.Equal(status, response.StatusCode);
        Assert.False(response.Headers.Contains("WebHook-Allowed-Origin"));
        Assert.False(response.Headers.Contains("WebHook-Allowed-Rate"));
    }

    [Fact]
    public async Task More_requests_at_once_than_an_instance_holds_are_told_to_come_later()
    {
        var places = _pipeline.Services.GetService(typeof(WebhookSources)) is WebhookSources sources ? sources.Find("carrier")!.Slots : null!;
        for (var i = 0; i < WebhookSource.MaxConcurrent; i++)
            Assert.True(places.Wait(0));
        var answer = await Http.SendAsync(Event());
        answer.AssertProblem(HttpStatusCode.TooManyRequests, "being handled");
        Assert.True(answer.Response.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        places.Release(WebhookSource.MaxConcurrent);
        Assert.Equal(HttpStatusCode.Accepted, (await Http.SendAsync(Event())).Status);
        (await Http.SendAsync("{")).AssertProblem(HttpStatusCode.BadRequest, "line 1");
        Assert.Equal(WebhookSource.MaxConcurrent, places.CurrentCount);
    }

    private async Task<HttpResponseMessage> ShakeAsync(string? origin, string? rate = null, string path = "api/webhooks/carrier")
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        if (origin is not null)
            request.Headers.Add("WebHook-Request-Origin", origin);
        if (rate is not null)
            request.Headers.Add("WebHook-Request-Rate", rate);
        request.Headers.Add("WebHook-Request-Callback", "http://127.0.0.1:9/never-called");
        return await Http.SendAsync(request);
    }
}
