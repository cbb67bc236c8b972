using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using static Pipeline.Tests.Webhooks.WebhookRequests;

namespace Pipeline.Tests.Webhooks;

/// <summary>An event that can never be handled is refused before anything is written, and the caller learns why.</summary>
public sealed class WebhookRefusalTests : IAsyncLifetime
{
    private RunningPipeline _pipeline = null!;

    private HttpClient Http => _pipeline.Http;

    public async Task InitializeAsync() => _pipeline = await RunningPipeline.StartAsync(settings: Settings);

    public async Task DisposeAsync() => await _pipeline.DisposeAsync();

    [Fact]
    public async Task Events_that_are_wrong_are_refused_with_what_is_wrong()
    {
        var old = DateTimeOffset.UtcNow.AddDays(-31).ToString("O", CultureInfo.InvariantCulture);
        var ahead = DateTimeOffset.UtcNow.AddHours(1).ToString("O", CultureInfo.InvariantCulture);
        (string Body, string Says)[] cases =
        [
            ("{", "line 1"),
            ("", "line 1"),
            ("[]", "object"),
            ("null", "object"),
            ("{}", "'specversion' is missing"),
            ("""{"specversion":"1.0"}""", "'id' is missing"),
            ("""{"specversion":"1.0","id":"1"}""", "'source' is missing"),
            ("""{"specversion":"1.0","id":"1","source":"s"}""", "'type' is missing"),
            ("""{"specversion":"1.0","id":17,"source":"s","type":"t"}""", "'id' is no string"),
            ("""{"specversion":"1.0","id":"","source":"s","type":"t"}""", "'id' is empty"),
            ("""{"specversion":"1.0","id":"1","id":"2","source":"s","type":"t"}""", "id"),
            ("""{"specversion":"1.0","id":"a\u0007","source":"s","type":"t"}""", "'id' is refused: Control character U+0007"),
            ("""{"specversion":"1.0","id":"a\ud800","source":"s","type":"t"}""", "$.id"),
            (Event(id: new string('i', 1025)), "'id' has 1025"),
            (Event().Replace("\"1.0\"", "\"0.3\"", StringComparison.Ordinal), "'specversion' is '0.3'"),
            (Event().Replace(Delivered, "com.contoso.ordering.order-placed.v1", StringComparison.Ordinal), Delivered),
            (Event(more: "\"time\":\"yesterday\""), "'time'"),
            (Event(more: "\"time\":\"2026-01-31\""), "'time'"),
            (Event(more: $"\"time\":\"{old}\""), "Expired"),
            (Event(more: $"\"time\":\"{ahead}\""), "DatedAhead"),
            (Event(more: "\"time\":\"9999-12-31T23:59:59Z\""), "DatedAhead"),
            (Event(more: "\"datacontenttype\":\"text/xml\""), "'datacontenttype'"),
            (Event(more: "\"data_base64\":\"e30=\""), "both"),
            (Event().Replace("\"data\":", "\"data_base64\":", StringComparison.Ordinal), "Base64"),
            (Event()[..Event().IndexOf(",\"data\"", StringComparison.Ordinal)] + "}", "no data"),
            (Event().Replace("\"data\":", "\"payload\":", StringComparison.Ordinal), "'payload' is an object"),
            (Event().Replace("\"orderId\":\"o-1\",", "", StringComparison.Ordinal), "orderId"),
            (Event().Replace("\"orderId\":\"o-1\"", "\"orderId\":null", StringComparison.Ordinal), "orderId"),
            (Event().Replace("2026-01-31T12:00:00Z", "noon", StringComparison.Ordinal), "deliveredAt"),
            (Event(""), "$.orderId"),
            (Event("a/b"), "'/'"),
            (Event("o:1"), "':'"),
            (Event(new string('o', 100)), "$.orderId: has 100 characters"),
        ];
        foreach (var (body, says) in cases)
        {
            var answer = await Http.SendAsync(body);
            answer.AssertProblem(HttpStatusCode.BadRequest, says);
            Assert.DoesNotContain("Pipeline.Contracts", answer.Body, StringComparison.Ordinal);
            if (body.StartsWith("{\"", StringComparison.Ordinal) && !body.Contains("\"id\":\"1\",\"id\"", StringComparison.Ordinal))
                (await Http.SendAsync($"[{body}]", Batch)).AssertProblem(HttpStatusCode.BadRequest, "[0]");
        }

        Assert.Empty(await _pipeline.ShippingAsync(null));
    }

    [Fact]
    public async Task Events_in_headers_that_are_wrong_are_refused_with_what_is_wrong()
    {
        const string Data = """{"orderId":"o-1","deliveredAt":"2026-01-31T12:00:00Z"}""";
        (string Data, string Name, string? Value, string Says)[] cases =
        [
            (Data, "ce-id", null, "'id' is missing"),
            (Data, "ce-specversion", null, "'specversion' is missing"),
            (Data, "ce-id", "%C0%A0", "'ce-id' cannot be decoded"),
            (Data, "ce-id", "%2", "'ce-id' cannot be decoded"),
            (Data, "ce-id", "%0a", "'ce-id' is refused: Control character U+000a"),
            (Data, "ce-type", "other", "'type'"),
            ("", "ce-subject", "s", "no data"),
            ("{", "ce-subject", "s", "'data' cannot be read: $: is not JSON"),
            ("""{"orderId":"o-1","orderId":"o-2"}""", "ce-subject", "s", "$.orderId: is there twice"),
        ];
        foreach (var (data, name, value, says) in cases)
        {
            var headers = new Dictionary<string, string> { ["ce-specversion"] = "1.0", ["ce-id"] = "1", ["ce-source"] = "s", ["ce-type"] = Delivered };
            headers.Remove(name);
            if (value is not null)
                headers[name] = value;
            var answer = await Http.SendAsync(data, "application/json", headers: [.. headers.Select(h => (h.Key, h.Value))]);
            answer.AssertProblem(HttpStatusCode.BadRequest, says);
        }

        Assert.Contains("2 times", await SendRawAsync($"ce-id: 1\r\nce-id: 2\r\nce-specversion: 1.0\r\nce-source: s\r\nce-type: {Delivered}", Data), StringComparison.Ordinal);
        Assert.Empty(await _pipeline.ShippingAsync(null));
    }

    /// <summary>An HttpClient would put two headers of one name into one line.</summary>
    private async Task<string> SendRawAsync(string headers, string body)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Http.BaseAddress!.Host, Http.BaseAddress.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/webhooks/carrier HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {Token}\r\n" +
            $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n{headers}\r\n\r\n{body}"));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    [Fact]
    public async Task Every_event_of_a_batch_is_tried_and_the_answer_names_the_wrong_ones()
    {
        var wrong = Event("o-2", "2")[..Event("o-2", "2").IndexOf(",\"data\"", StringComparison.Ordinal)] + "}";
        var answer = await Http.SendAsync($"[{Event("o-1", "1")},{wrong},17,{Event("o-3", "3")}]", Batch);
        answer.AssertProblem(HttpStatusCode.BadRequest, "Event [1]: ContractViolation");
        Assert.Equal(["[1]", "[2]"], JsonDocument.Parse(answer.Body).RootElement.GetProperty("errors").EnumerateObject().Select(e => e.Name));
        Assert.Equal(["parcel-o-1", "parcel-o-3"], (await _pipeline.ShippingAsync("state")).Select(s => s.GetProperty("pk").GetString()).Order());

        Assert.Equal(HttpStatusCode.Accepted, (await Http.SendAsync($"[{Event("o-1", "1")},{Event("o-2", "2")},{Event("o-3", "3")}]", Batch)).Status);
        Assert.Equal(3, (await _pipeline.ShippingAsync("inbox")).Count);
        Assert.Equal(HttpStatusCode.Accepted, (await Http.SendAsync("[]", Batch)).Status);
    }
}
