using System.Net;
using System.Text;
using System.Text.Json;
using Pipeline.AzureFunctions.Http;
using Pipeline.Functions;

namespace Pipeline.Tests;

/// <summary>Every bad request gets a clear 4xx as problem details (RFC 9457), and nothing is written.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private const string Valid = """{"customerId":"c-1","currency":"EUR","lines":[{"sku":"a","quantity":1,"unitPrice":10.5}]}""";

    private RunningPipeline _pipeline = null!;

    public async Task InitializeAsync() => _pipeline = await RunningPipeline.StartAsync();

    public async Task DisposeAsync() => await _pipeline.DisposeAsync();

    [Fact]
    public async Task Bad_orders_are_refused_with_the_path_of_what_is_wrong_and_nothing_is_written()
    {
        (string Body, string Says)[] cases =
        [
            ("{", "$"),
            ("not json", "$"),
            ("null", "null"),
            ("[]", "$"),
            ("""{"customerId":17}""", "$.customerId"),
            ("{}", "customerId"),
            ("""{"customerId":"c-1","currency":"EUR"}""", "lines"),
            ("""{"customerId":"c-1","currency":"EUR","lines":[]}""", "lines"),
            ("""{"customerId":"c-1","currency":"EUR","lines":[null]}""", "lines[0]"),
            ("""{"customerId":"c-1","currency":"EUR","lines":[{}]}""", "lines[0].sku"),
            ("""{"customerId":"c-1","currency":"EUR","lines":[{"sku":"a","quantity":-1,"unitPrice":1}]}""", "lines[0].quantity"),
            ("""{"customerId":"c-1","currency":"EUR","lines":[{"sku":"a","quantity":0,"unitPrice":1}]}""", "lines[0].quantity"),
            ("""{"customerId":"c-1","currency":"EUR","lines":[{"sku":"a","quantity":1.5,"unitPrice":1}]}""", "$.lines[0].quantity"),
            ("""{"customerId":"c-1","currency":"EUR","lines":[{"sku":"a","quantity":99999999999,"unitPrice":1}]}""", "$.lines[0].quantity"),
            ("""{"customerId":"c-1","currency":"EUR","lines":[{"sku":"a/b","quantity":1,"unitPrice":1}]}""", "lines[0].sku"),
            ("""{"customerId":"c-1","currency":"EUR","lines":[{"sku":"a","quantity":1,"unitPrice":-1}]}""", "lines[0].unitPrice"),
            ("""{"customerId":"c-1","currency":"EUR","lines":[{"sku":"a","quantity":1,"unitPrice":1.001}]}""", "lines[0].unitPrice"),
            ("""{"customerId":"c-1","currency":"euro","lines":[{"sku":"a","quantity":1,"unitPrice":1}]}""", "currency"),
            ("""{"customerId":"c-1","currency":"EUR","lines":[{"sku":"a\n","quantity":1,"unitPrice":1}]}""", "lines[0].sku"),
            ("""{"customerId":"c-1","currency":"EUR\n","lines":[{"sku":"a","quantity":1,"unitPrice":1}]}""", "currency"),
            ("""{"customerId":"","currency":"EUR","lines":[{"sku":"a","quantity":1,"unitPrice":1}]}""", "customerId"),
        ];
        foreach (var (body, says) in cases)
            await AssertProblemAsync(await PostAsync(body, "key"), HttpStatusCode.BadRequest, says);
        await AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        await AssertProblemAsync(await PostAsync(Valid + new string(' ', 5 * 1024 * 1024), "key"), HttpStatusCode.RequestEntityTooLarge, "1500000");
        await AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task A_note_that_is_too_long_is_refused()
    {
        var order = """{"customerId":"c-1","currency":"EUR","lines":[{"sku":"a","quantity":1,"unitPrice":1}],"note":"NOTE"}""";
        await AssertProblemAsync(
            await PostAsync(order.Replace("NOTE", new string('x', 1_000_001), StringComparison.Ordinal), "key"), HttpStatusCode.BadRequest, "1000001 characters");

        // Escaped, three bytes become six: what would not fit a transaction is refused before anything is written.
        await AssertProblemAsync(
            await PostAsync(order.Replace("NOTE", new string('\u20ac', 300_000), StringComparison.Ordinal), "key"), HttpStatusCode.BadRequest, "1800000 bytes");
        await AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData(null)]
    public async Task An_unknown_content_type_is_refused(string? contentType)
    {
        await AssertProblemAsync(await PostAsync(Valid, "key", contentType), HttpStatusCode.UnsupportedMediaType, "application/json");
        await AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task A_missing_or_unusable_idempotency_key_is_refused()
    {
        await AssertProblemAsync(await PostAsync(Valid, null), HttpStatusCode.BadRequest, "Idempotency-Key");
        await AssertProblemAsync(await PostAsync(Valid, new string('k', 129)), HttpStatusCode.BadRequest, "Idempotency-Key");
        await AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task The_same_key_is_the_same_order_and_with_another_body_it_is_refused()
    {
        using var first = await PostAsync(Valid, "key");
        using var again = await PostAsync(Valid, "key");
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.StatusCode, again.StatusCode));
        Assert.Equal(await OrderIdAsync(first), await OrderIdAsync(again));
        Assert.Equal($"/api/orders/{await OrderIdAsync(first)}", first.Headers.Location?.ToString());

        await AssertProblemAsync(await PostAsync(Valid.Replace("10.5", "9.5", StringComparison.Ordinal), "key"), HttpStatusCode.UnprocessableEntity, "Idempotency-Key");
        Assert.Single(await Invariants.AllAsync(_pipeline.Container(Names.Ordering), "event"), e => e.GetProperty("version").GetInt32() == 1);
    }

    [Theory]
    [InlineData("GET", "api/orders/o-unknown")]
    [InlineData("POST", "api/orders/o-unknown/cancel")]
    [InlineData("GET", "api/stock/unknown")]
    [InlineData("GET", "api/payments/o-unknown")]
    [InlineData("GET", "api/shipments/o-unknown")]
    [InlineData("GET", "api/flows/unknown")]
    [InlineData("GET", "api/replays/unknown")]
    [InlineData("GET", "api/replays/unknown/subjects")]
    [InlineData("POST", "api/replays/unknown/apply")]
    [InlineData("GET", "api/dead-letters/ordering/o-unknown/dl:unknown")]
    [InlineData("GET", "api/dead-letters/nowhere/o-unknown/dl:unknown")]
    [InlineData("POST", "api/outbox/quarantined/ordering/o-unknown/1/release")]
    public async Task Something_unknown_is_not_found(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        await AssertProblemAsync(await _pipeline.Http.SendAsync(request), HttpStatusCode.NotFound, "There is no");
        await AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("api/dead-letters?status=lost", "status")]
    [InlineData("api/dead-letters?limit=0", "limit")]
    [InlineData("api/dead-letters?limit=many", "limit")]
    [InlineData("api/dead-letters?consumer=nobody", "consumer")]
    [InlineData("api/dead-letters?continuation=%25", "continuation")]
    [InlineData("api/handled?continuation=xx", "continuation")]
    public async Task A_bad_query_is_refused(string path, string says) =>
        await AssertProblemAsync(await _pipeline.Http.GetAsync(path), HttpStatusCode.BadRequest, says);

    [Theory]
    [InlineData("{}", HttpStatusCode.BadRequest)]
    [InlineData("""{"entry":"dl:x","subject":"o-1"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"entry":"dl:x"}""", HttpStatusCode.Conflict)]
    [InlineData("""{"subject":"o-1"}""", HttpStatusCode.Conflict)]
    [InlineData("""{"subject":"a/b"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"consumer":"nobody"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"fingerprint":"XYZ"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"subject":"o-1","rate":0}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"subject":"o-1","rate":100000}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"subject":"o-1","maxFailed":-1}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"subject":"o-1","by":" "}""", HttpStatusCode.BadRequest)]
    public async Task A_replay_of_nothing_is_refused(string body, HttpStatusCode status)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        await AssertProblemAsync(await _pipeline.Http.PostAsync("api/replays", content), status, "");
    }

    [Theory]
    [InlineData("""{"onHand":-1}""")]
    [InlineData("""{"onHand":null}""")]
    [InlineData("{}")]
    public async Task Bad_stock_is_refused(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        await AssertProblemAsync(await _pipeline.Http.PutAsync("api/stock/a", content), HttpStatusCode.BadRequest, "onHand");
        await AssertNothingWrittenAsync();
    }

    private async Task<HttpResponseMessage> PostAsync(string body, string? key, string? contentType = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/orders") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        if (contentType is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await _pipeline.Http.SendAsync(request);
    }

    private static async Task<string?> OrderIdAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("orderId").GetString();

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string says)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync();
            Assert.True(status == response.StatusCode, Invariant($"{(int)response.StatusCode} instead of {(int)status}: {body}"));
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            var problem = JsonDocument.Parse(body).RootElement;
            Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
            var type = Assert.Single(Structure.ProblemTests.All, p => p.Uri == problem.GetProperty("type").GetString());
            Assert.Equal((type.Title, type.Status), (problem.GetProperty("title").GetString(), (int)status));
            Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
            Assert.Contains(says, body, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
        }
    }

    private async Task AssertNothingWrittenAsync()
    {
        foreach (var container in Invariants.Containers)
            Assert.Empty(await Invariants.AllAsync(_pipeline.Container(container), null));
    }
}
