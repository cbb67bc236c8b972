using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;

namespace Pipeline.Tests;

public sealed class FaultTests : IDisposable
{
    private static readonly PartitionKey P = new("p");
    private readonly LocalCosmos _cosmos = new();

    public void Dispose() => _cosmos.Dispose();

    [Theory]
    [InlineData("503=1", HttpStatusCode.ServiceUnavailable)]
    [InlineData("408=1", HttpStatusCode.RequestTimeout)]
    [InlineData("429=1:1", HttpStatusCode.TooManyRequests)]
    public async Task Refused_writes_have_done_nothing(string faults, HttpStatusCode status)
    {
        Make(faults);
        Assert.Equal(status, (await Assert.ThrowsAsync<CosmosException>(() => _cosmos.CreateAsync("p", "a"))).StatusCode);
        _cosmos.Endpoint.OnRequest = null;
        Assert.Equal("", await _cosmos.IdsAsync("SELECT * FROM c"));
    }

    [Fact]
    public async Task A_lost_reply_is_a_write_that_happened()
    {
        Make("lost=1");
        await Assert.ThrowsAsync<HttpRequestException>(() => _cosmos.CreateAsync("p", "a"));
        Assert.Equal("a", (string)(await _cosmos.Items.ReadItemAsync<JObject>("a", P)).Resource["id"]!);
    }

    [Fact]
    public async Task A_fraction_of_the_requests_fails_and_the_client_retries()
    {
        Make("429=0.3:1,449=0.1,latency=0.2:1");
        for (var i = 0; i < 30; i++)
            await _cosmos.CreateAsync("p", Invariant($"{i:d2}"));
        _cosmos.Endpoint.OnRequest = null;
        Assert.Equal(30, (await _cosmos.QueryAsync("SELECT * FROM c")).Count);
    }

    [Theory]
    [InlineData("429")]
    [InlineData("429=1.5")]
    [InlineData("429=NaN")]
    [InlineData("418=0.1")]
    [InlineData("latency=0.1")]
    [InlineData("503=0.1:5")]
    [InlineData("latency=0.1:99999")]
    public void A_text_that_is_not_understood_says_what_is_expected(string text)
    {
        var error = Assert.Throws<FormatException>(() => CosmosFaults.Parse(text, new Random(1), TimeProvider.System));
        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("latency", error.Message, StringComparison.Ordinal);
    }

    private void Make(string faults) => _cosmos.Endpoint.OnRequest = CosmosFaults.Parse(faults, new Random(1), TimeProvider.System).OnRequestAsync;
}
