using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Functions;

namespace Pipeline.Tests;

/// <summary>Names and reasons with what a terminal would obey, or a reader would not see, are refused where they are taken: field and code point are named.</summary>
public sealed class HiddenCharacterTests : IAsyncLifetime
{
    private const string Edit = """{"patch":[],"why":"w","by":"b"}""";
    private const string Discard = """{"reason":"r","by":"b"}""";

    private RunningPipeline _pipeline = null!;

    public async Task InitializeAsync() => _pipeline = await RunningPipeline.StartAsync();

    public async Task DisposeAsync() => await _pipeline.DisposeAsync();

    [Fact]
    public async Task What_is_kept_is_refused()
    {
        (string Path, string Body, string Field)[] cases =
        [
            ("api/orders", """{"customerId":"c","currency":"EUR","lines":[{"sku":"a","quantity":1,"unitPrice":1}]}""", "customerId"),
            ("api/orders", """{"customerId":"c","currency":"EUR","lines":[{"sku":"a","quantity":1,"unitPrice":1}]}""", "currency"),
            ("api/orders", """{"customerId":"c","currency":"EUR","lines":[{"sku":"a","quantity":1,"unitPrice":1}]}""", "lines[0].sku"),
            ("api/orders/o-1/cancel", """{"reason":"r"}""", "reason"),
            ("api/dead-letters/ordering/o-1/dl:1/discard", Discard, "reason"),
            ("api/dead-letters/ordering/o-1/dl:1/discard", Discard, "by"),
            ("api/dead-letters/discard", """{"reason":"r","by":"b","fingerprint":"0123456789ab","count":1,"before":"2026-01-31T00:00:00Z"}""", "reason"),
            ("api/dead-letters/ordering/o-1/dl:1/edit", Edit, "why"),
            ("api/dead-letters/ordering/o-1/dl:1/edit", Edit, "by"),
            ("api/dead-letters/edit", """{"patch":[],"why":"w","by":"b","fingerprint":"0123456789ab","count":1,"before":"2026-01-31T00:00:00Z"}""", "why"),
            ("api/outbox/quarantined/ordering/o-1/1/discard", Discard, "reason"),
            ("api/outbox/quarantined/ordering/o-1/1/discard", Discard, "by"),
            ("api/outbox/quarantined/release", """{"reason":"r","type":"t"}""", "reason"),
            ("api/outbox/quarantined/release", """{"reason":"r","type":"t"}""", "type"),
            ("api/replays", """{"subject":"s","by":"b"}""", "by"),
            ("api/replays", """{"subject":"s","why":"w"}""", "why"),
            ("api/replays", """{"subject":"s"}""", "subject"),
            ("api/replays", """{"entry":"dl:1"}""", "entry"),
            ("api/replays", """{"type":"t"}""", "type"),
            ("api/replays", """{"reason":"r"}""", "reason"),
            ("api/replays/r1/stop", """{"by":"b","why":"w"}""", "by"),
            ("api/replays/r1/stop", """{"by":"b","why":"w"}""", "why"),
        ];
        foreach (var (path, body, field) in cases)
        {
            foreach (var (hidden, code) in new[] { ("\u001b[31m", "U+001B"), ("\u009b", "U+009B"), ("\u007f", "U+007F"), ("\u202e", "U+202E"), ("\u200b", "U+200B"), ("\U000e0041", "U+E0041"), ("a\nb", "U+000A") })
                await AssertRefusedAsync(await PostAsync(path, With(body, field, hidden)), field, code);
        }

        foreach (var service in new[] { Names.Ordering, Names.Inventory })
            Assert.Empty(await Invariants.AllAsync(_pipeline.Container(service), "event"));
    }

    [Theory]
    [InlineData("PUT", "api/stock/a%E2%80%AEb", "sku", "U+202E")]
    [InlineData("PUT", "api/stock/a%1Bb", "sku", "U+001B")]
    [InlineData("PUT", "api/simulator/carrier-faults/a%C2%9Bb", "sku", "U+009B")]
    [InlineData("GET", "api/dead-letters?reason=%1B", "reason", "U+001B")]
    [InlineData("GET", "api/dead-letters?type=%E2%81%A6", "type", "U+2066")]
    [InlineData("GET", "api/dead-letters?id=%7F", "id", "U+007F")]
    [InlineData("GET", "api/dead-letters/groups?subject=%0A", "subject", "U+000A")]
    [InlineData("GET", "api/outbox/quarantined?reason=%EF%BB%BF", "reason", "U+FEFF")]
    [InlineData("GET", "api/outbox/quarantined?type=%C2%85", "type", "U+0085")]
    public async Task Names_in_an_address_are_refused(string method, string path, string field, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (method == "PUT")
            request.Content = new StringContent("""{"onHand":5}""", Encoding.UTF8, "application/json");
        await AssertRefusedAsync(await _pipeline.Http.SendAsync(request), field, code);
    }

    [Fact]
    public async Task What_people_write_is_taken_and_half_a_character_is_no_JSON()
    {
        using var taken = await PostAsync("api/orders/o-unknown/cancel", """{"reason":"Zoë naïve Ελλάδα 日本語 العربية हिन्दी 😀 ❤️"}""");
        using var half = await PostAsync("api/orders/o-unknown/cancel", """{"reason":"\ud800"}""");
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.BadRequest), (taken.StatusCode, half.StatusCode));
    }

    private static string With(string body, string field, string hidden)
    {
        var document = JsonNode.Parse(body)!;
        var (owner, name) = field == "lines[0].sku" ? (document["lines"]![0]!, "sku") : (document, field);
        owner[name] = (string)owner[name]! + hidden;
        return document.ToJsonString();
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", "key");
        return await _pipeline.Http.SendAsync(request);
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage response, string field, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, Invariant($"{field} {code}: {(int)response.StatusCode} {text}"));
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(text);
        Assert.Contains(field, text, StringComparison.Ordinal);
        Assert.Contains(code, text, StringComparison.Ordinal);
        Assert.True(problem.RootElement.TryGetProperty("detail", out _), text);
        response.Dispose();
    }
}
