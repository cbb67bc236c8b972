using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.OperatorApi;
using Pipeline.Functions;

namespace Pipeline.Tests;

/// <summary>Bodies, headers and query parameters that are not what they should be get the status that says so.</summary>
public sealed class BodyTests : IAsyncLifetime
{
    private const string Order = """{"customerId":"c-1","currency":"EUR","lines":[{"sku":"a","quantity":2,"unitPrice":PRICE}]}""";

    private RunningPipeline _pipeline = null!;

    public async Task InitializeAsync() => _pipeline = await RunningPipeline.StartAsync(functions:
        "place-order,get-order,cancel-order,set-stock,health,status,list-blocked,get-flow,list-handled,list-dead-letters,list-dead-letter-groups,get-dead-letter," +
        "list-quarantined,release-quarantined-group,list-replays,get-replay,list-replay-subjects,plan-replay,activity,list-schemas,get-asyncapi,get-openapi,get-sales,get-report,list-carrier-faults,discard-dead-letter-group");

    public async Task DisposeAsync() => await _pipeline.DisposeAsync();

    [Theory]
    [InlineData("13.0000000000000000000000000000000000000001", "has more digits than can be kept exactly")]
    [InlineData("1e-29", "has more digits than can be kept exactly")]
    [InlineData("1e400", "has more digits than can be kept exactly")]
    [InlineData("1e-2147483649", "has more digits than can be kept exactly")]
    [InlineData("10.001", "has more than two decimals")]
    [InlineData("1e-3", "has more than two decimals")]
    [InlineData("1e7", "is not between 0 and 1000000")]
    [InlineData("\"10\"", "not of the expected type")]
    public async Task A_price_that_would_be_rounded_is_refused(string price, string says) =>
        await AssertProblemAsync(await PlaceAsync(price), HttpStatusCode.BadRequest, says);

    [Theory]
    [InlineData("13.0000000000000000000000000000000000000000", "13", "26")]
    [InlineData("10.50", "10.5", "21")]
    [InlineData("105e-1", "10.5", "21")]
    [InlineData("-0", "0", "0")]
    public async Task Money_is_stored_and_shown_in_its_shortest_form(string price, string unitPrice, string total)
    {
        using var placed = await PlaceAsync(price);
        Assert.Equal(HttpStatusCode.Created, placed.StatusCode);
        var id = JsonDocument.Parse(await placed.Content.ReadAsStringAsync()).RootElement.GetProperty("orderId").GetString()!;
        var shown = JsonDocument.Parse(await _pipeline.Http.GetStringAsync($"api/orders/{id}")).RootElement;
        Assert.Equal((unitPrice, total), (shown.GetProperty("lines")[0].GetProperty("unitPrice").GetRawText(), shown.GetProperty("total").GetRawText()));
        var stored = Assert.Single(await Invariants.AllAsync(_pipeline.Container(Names.Ordering), "event")).GetRawText();
        Assert.Contains($"\"unitPrice\":{unitPrice}}}", stored, StringComparison.Ordinal);
        Assert.Contains($"\"total\":{total},", stored, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"customerId":"c-1","customerId":"c-2","currency":"EUR","lines":[{"sku":"a","quantity":1,"unitPrice":1}]}""", "$.customerId")]
    [InlineData("""{"customerId":"c-1","currency":"EUR","lines":[{"sku":"a","quantity":1,"unitPrice":1,"unitPrice":2}]}""", "$.lines[0].unitPrice")]
    public async Task A_name_that_comes_twice_is_refused_with_its_path(string order, string path)
    {
        using var request = Request("api/orders", order);
        var body = await AssertProblemAsync(await _pipeline.Http.SendAsync(request), HttpStatusCode.BadRequest, "is there twice");
        Assert.Contains(path, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_idempotency_keys_are_refused()
    {
        var answer = await SendRawAsync("POST", "/api/orders", "Content-Type: application/json\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 2", "{}");
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("2 'Idempotency-Key' headers", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_body_is_told_as_such()
    {
        using var request = Request("api/orders", "");
        await AssertProblemAsync(await _pipeline.Http.SendAsync(request), HttpStatusCode.BadRequest, "The body is empty");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br, identity")]
    public async Task An_encoded_body_is_415(string encoding)
    {
        using var request = Request("api/orders", Order);
        request.Content!.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        await AssertProblemAsync(await _pipeline.Http.SendAsync(request), HttpStatusCode.UnsupportedMediaType, "Content-Encoding");
    }

    [Theory]
    [InlineData("application/json; charset=utf-16", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json; charset=iso-8859-1", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json; charset=\"UTF-8\"", HttpStatusCode.Created)]
    [InlineData("application/json;charset=utf-8", HttpStatusCode.Created)]
    public async Task Json_is_taken_in_utf_8_only(string contentType, HttpStatusCode expected)
    {
        using var request = Request("api/orders", Order.Replace("PRICE", "1", StringComparison.Ordinal));
        request.Content!.Headers.Remove("Content-Type");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var answer = await _pipeline.Http.SendAsync(request);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory]
    [InlineData("zz\r\n{}\r\n0\r\n\r\n")]
    [InlineData("2\r\n{}x0\r\n\r\n")]
    public async Task Broken_chunks_are_400(string chunks)
    {
        var answer = await SendRawAsync("POST", "/api/orders", "Content-Type: application/json\r\nIdempotency-Key: a\r\nTransfer-Encoding: chunked", chunks);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_stops_coming_is_408()
    {
        var answer = await SendRawAsync("POST", "/api/orders", "Content-Type: application/json\r\nIdempotency-Key: a\r\nContent-Length: 100", "{");
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("too slowly", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_answers_HEAD()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "api/health");
        using var answer = await _pipeline.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var page = await _pipeline.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task Every_address_for_operators_refuses_a_query_parameter_that_it_does_not_have()
    {
        (string, string)[] all =
        [
            ("GET", "status"), ("GET", "blocked"), ("GET", "flows/x"), ("GET", "handled"), ("GET", "dead-letters"), ("GET", "dead-letters/groups"),
            ("GET", "dead-letters/ordering/x/y"), ("GET", "outbox/quarantined"), ("GET", "replays"), ("GET", "replays/x"), ("GET", "replays/x/subjects"),
            ("GET", "activity"), ("GET", "schemas"), ("GET", "asyncapi"), ("GET", "openapi.json"), ("GET", "sales/2026-01-01/a"), ("GET", "reports/2026-01-01"), ("GET", "simulator/carrier-faults"), ("POST", "replays"), ("POST", "dead-letters/discard"), ("POST", "outbox/quarantined/release"),
        ];
        foreach (var (method, path) in all)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"api/{path}?consumr=x");
            await AssertProblemAsync(await _pipeline.Http.SendAsync(request), HttpStatusCode.BadRequest, "'consumr' is not a query parameter");
        }
    }

    [Theory]
    [InlineData("api/dead-letters?type=a&type=b", "'type' is there 2 times")]
    [InlineData("api/blocked?limit=1&LIMIT=2", "' is there 2 times")]
    public async Task A_query_parameter_that_comes_twice_is_refused(string path, string says) =>
        await AssertProblemAsync(await _pipeline.Http.GetAsync(path), HttpStatusCode.BadRequest, says);

    [Fact]
    public async Task A_function_key_in_the_query_is_no_unknown_parameter() =>
        Assert.Equal(HttpStatusCode.OK, (await _pipeline.Http.GetAsync("api/blocked?code=key&clientId=me&limit=5")).StatusCode);

    [Theory]
    [InlineData("api/replays", """{"subject":"o-1","consumr":"x"}""", "$.consumr")]
    [InlineData("api/dead-letters/discard", """{"fingerprint":"0123456789ab","raeson":"x"}""", "$.raeson")]
    [InlineData("api/outbox/quarantined/release", """{"typ":"x"}""", "$.typ")]
    public async Task A_misspelt_name_in_the_body_of_an_operator_is_refused(string path, string json, string where)
    {
        using var request = Request(path, json);
        var body = await AssertProblemAsync(await _pipeline.Http.SendAsync(request), HttpStatusCode.BadRequest, "it may be misspelt");
        Assert.Contains(where, body, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_list_for_operators_is_in_the_test_above()
    {
        var routes = Deployment.AppFunctions.Methods
            .Select(m => (Function: m.GetCustomAttribute<FunctionAttribute>(), Http: m.GetParameters().Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(a => a is not null)))
            .Where(f => f.Http is { AuthLevel: AuthorizationLevel.Function } && f.Http.Methods!.Contains("get"))
            .Select(f => f.Function!.Name).Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "activity", "get-asyncapi", "get-dead-letter", "get-flow", "get-openapi", "get-replay", "get-report", "get-sales", "list-blocked", "list-carrier-faults", "list-dead-letter-groups",
                "list-dead-letters", "list-handled", "list-quarantined", "list-replay-subjects", "list-replays", "list-schemas", "status",
            ],
            routes);
    }

    private async Task<HttpResponseMessage> PlaceAsync(string price)
    {
        using var request = Request("api/orders", Order.Replace("PRICE", price, StringComparison.Ordinal));
        return await _pipeline.Http.SendAsync(request);
    }

    private static HttpRequestMessage Request(string path, string json)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", "key");
        return request;
    }

    /// <summary>Sends what no client would, and reads until the server has closed or answered in full.</summary>
    private async Task<string> SendRawAsync(string method, string path, string headers, string body)
    {
        var address = _pipeline.Http.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{method} {path} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n{headers}\r\n\r\n{body}")));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    private static async Task<string> AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string says)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync();
            Assert.True(status == response.StatusCode, Invariant($"{(int)response.StatusCode} instead of {(int)status}: {body}"));
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            Assert.Contains(says, body, StringComparison.Ordinal);
            return body;
        }
    }
}
