using System.Net;
using System.Text;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests;

/// <summary>JSON that not every client can read is refused when it is written, and nothing that it did to a store is a defect.</summary>
public sealed class CosmosJsonTests : IDisposable
{
    private static readonly PartitionKey P = new("p");
    private readonly LocalCosmos _cosmos = new();

    public void Dispose() => _cosmos.Dispose();

    public static TheoryData<string, string> Wrong { get; } = new()
    {
        { """{"id":"x","pk":"p","v":"\ud800"}""", "surrogate" },
        { """{"id":"x","pk":"p","v":"a\udfffb"}""", "surrogate" },
        { """{"id":"x","pk":"p","\ud83d":1}""", "surrogate" },
        { """{"id":"x","pk":"p","v":[{"n":{"\uDC00 long enough name":1}}]}""", "surrogate" },
        { """{"id":"x\ud800","pk":"p"}""", "surrogate" },
        { """{"id":"x","pk":"p","kind":"\ud800"}""", "surrogate" },
        { """{"id":"x","pk":"p","v":1e309}""", "range of a double" },
        { """{"id":"x","pk":"p","v":[-1E+400]}""", "range of a double" },
        { """{"id":"x","pk":"p","ttl":1e400}""", "range of a double" },
        { """{"id":"x","pk":"p","v":1,"v":2}""", "already" },
        { """{"id":"x","pk":"p","o":{"a":{"b":1,"c":2,"b":1}}}""", "already" },
        { """{"id":"x","pk":"p","v":1,"\u0076":2}""", "Duplicate" },
        { """{"id":"x","id":"y","pk":"p"}""", "already" },
        { """{"id":"x","pk":"p","_ts":1,"_ts":2}""", "already" },
        { """{"id":"x","pk":"p"} {}""", "" },
        { """{"id":"x","pk":"p","v":01}""", "" },
        { "[]", "" },
        { "\"text\"", "" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Item_that_not_every_client_can_read_is_400_however_it_is_written(string json, string reason)
    {
        await _cosmos.CreateAsync("p", "x");
        foreach (var write in new Func<Stream, Task<ResponseMessage>>[]
        {
            body => _cosmos.Items.CreateItemStreamAsync(body, P),
            body => _cosmos.Items.UpsertItemStreamAsync(body, P),
            body => _cosmos.Items.ReplaceItemStreamAsync(body, "x", P),
        })
        {
            using var answer = await write(Utf8(json));
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains(reason, answer.ErrorMessage, StringComparison.Ordinal);
        }

        using var batch = await _cosmos.Items.CreateTransactionalBatch(P).UpsertItemStream(Utf8(json)).ExecuteAsync();
        Assert.Equal(HttpStatusCode.BadRequest, batch.StatusCode);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF8_and_names_beyond_the_fast_check_are_400()
    {
        var many = string.Join(',', Enumerable.Range(0, 50).Select(n => string.Create(CultureInfo.InvariantCulture, $"\"n{n}\":{n}")));
        foreach (var body in new[]
        {
            [.. Encoding.UTF8.GetBytes("""{"id":"x","pk":"p","v":" """), 0xC3, 0x28, .. "\"}"u8],
            Encoding.UTF8.GetBytes($$"""{"id":"x","pk":"p",{{many}},"n49":1}"""),
            Encoding.UTF8.GetBytes($$"""{"id":"x","pk":"p","n":{{new string('9', 400)}}}"""),
        })
        {
            using var answer = await _cosmos.Items.CreateItemStreamAsync(new MemoryStream(body), P);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        using var right = await _cosmos.Items.CreateItemStreamAsync(Utf8($$"""{"id":"x","pk":"p",{{many}},"o":{"n1":1},"l":[{"n1":1},{"n1":1}],"v":"\ud83d\ude00","d":1.7e308,"e":1e-400}"""), P);
        Assert.Equal(HttpStatusCode.Created, right.StatusCode);
        Assert.Equal("😀", (string?)(await _cosmos.Items.ReadItemAsync<JObject>("x", P)).Resource["v"]);
    }

    [Theory]
    [InlineData("""[{"op":"incr","path":"/n","value":1}]""", "64 bits")]
    [InlineData("""[{"op":"incr","path":"/m","value":-1}]""", "64 bits")]
    [InlineData("""[{"op":"incr","path":"/d","value":1.7e308}]""", "range of a double")]
    [InlineData("""[{"op":"incr","path":"/n","value":1e400}]""", "range of a double")]
    [InlineData("""[{"op":"set","path":"/v","value":"\ud800"}]""", "surrogate")]
    [InlineData("""[{"op":"set","path":"/\ud800","value":1}]""", "surrogate")]
    [InlineData("""[{"op":"set","path":"/v","value":{"a":1,"a":2}}]""", "already")]
    [InlineData("""[{"op":"set","path":null,"value":1}]""", "null")]
    [InlineData("""[{"op":7,"path":"/v","value":1}]""", "not understood")]
    [InlineData("""[7]""", "not understood")]
    [InlineData("""7""", "not understood")]
    public async Task Patch_that_could_not_be_read_back_is_400_and_changes_nothing(string patch, string reason)
    {
        await using var raw = await RawCosmos.StartAsync(_cosmos);
        using var created = await _cosmos.Items.CreateItemStreamAsync(Utf8("""{"id":"x","pk":"p","n":9223372036854775807,"m":-9223372036854775808,"d":1.7e308}"""), P);
        var (status, body) = await raw.SendAsync(
            "PATCH", "/dbs/db/colls/items/docs/x", ("docs", "dbs/db/colls/items/docs/x"), patch, ("x-ms-documentdb-partitionkey", "[\"p\"]"));
        Assert.Equal(400, status);
        Assert.Contains(reason, body, StringComparison.Ordinal);
        Assert.Equal(created.Headers.ETag, (await _cosmos.Items.ReadItemAsync<JObject>("x", P)).ETag);
    }

    [Fact]
    public async Task Increment_up_to_the_ends_of_64_bits_works()
    {
        using var created = await _cosmos.Items.CreateItemStreamAsync(Utf8("""{"id":"x","pk":"p","n":9223372036854775806,"m":-9223372036854775807}"""), P);
        var patched = (await _cosmos.Items.PatchItemAsync<JObject>("x", P, [PatchOperation.Increment("/n", 1), PatchOperation.Increment("/m", -1)])).Resource;
        Assert.Equal((long.MaxValue, long.MinValue), ((long)patched["n"]!, (long)patched["m"]!));
    }

    [Fact]
    public async Task Patch_that_nests_too_deep_is_400()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 120)) + "1" + new string('}', 120);
        using var created = await _cosmos.Items.CreateItemStreamAsync(Utf8($$"""{"id":"x","pk":"p","v":{{deep}}}"""), P);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        await using var raw = await RawCosmos.StartAsync(_cosmos);
        var path = "/v" + string.Concat(Enumerable.Repeat("/a", 119));
        var (status, _) = await raw.SendAsync(
            "PATCH", "/dbs/db/colls/items/docs/x", ("docs", "dbs/db/colls/items/docs/x"), $$"""[{"op":"set","path":"{{path}}","value":{{deep}}}]""", ("x-ms-documentdb-partitionkey", "[\"p\"]"));
        Assert.Equal(400, status);
    }

    [Theory]
    [InlineData("""{"query":"SELECT * FROM c WHERE c.v = @v","parameters":[{"name":"@v","value":"\ud800"}]}""")]
    [InlineData("""{"query":"SELECT * FROM c WHERE c.v = @v","parameters":[{"name":"@v","value":1e400}]}""")]
    [InlineData("""{"query":"SELECT * FROM c WHERE c.v = '\ud800'"}""")]
    public async Task Query_whose_values_JSON_cannot_hold_is_400(string query)
    {
        foreach (var id in new[] { "a", "b" })
            await _cosmos.CreateAsync("p", id, more: new { big = 1.7e308 });
        await using var raw = await RawCosmos.StartAsync(_cosmos);
        var (status, body) = await raw.SendAsync(
            "POST", "/dbs/db/colls/items/docs", ("docs", "dbs/db/colls/items"), query,
            ("Content-Type", "application/query+json"), ("x-ms-documentdb-isquery", "True"), ("x-ms-documentdb-partitionkey", "[\"p\"]"));
        Assert.True(status == 400, body);
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("SUM(c.big)")]
    [InlineData("AVG(c.big)")]
    [InlineData("c.big * 10")]
    public async Task Result_that_no_double_holds_is_undefined(string expression)
    {
        foreach (var id in new[] { "a", "b" })
            await _cosmos.CreateAsync("p", id, more: new { big = 1.7e308 });
        Assert.Empty(await _cosmos.QueryAsync($"SELECT VALUE {expression} FROM c", "p"));
    }

    [Theory]
    [InlineData("[\"\\ud800\"]")]
    [InlineData("[1e400]")]
    [InlineData("[\"p\"")]
    [InlineData("7")]
    public async Task Partition_key_header_that_is_no_such_value_is_400(string header)
    {
        await using var raw = await RawCosmos.StartAsync(_cosmos);
        Assert.Equal(400, (await raw.SendAsync(
            "GET", "/dbs/db/colls/items/docs/x", ("docs", "dbs/db/colls/items/docs/x"), null, ("x-ms-documentdb-partitionkey", header))).Status);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("""{"id":"\ud800","partitionKey":{"paths":["/pk"]}}""")]
    [InlineData("""{"id":"new","partitionKey":{"paths":["/\ud800"]}}""")]
    [InlineData("""{"id":"new","partitionKey":{"paths":"/pk"}}""")]
    [InlineData("""{"id":"new","partitionKey":{"paths":[7]}}""")]
    [InlineData("""{"id":"new","partitionKey":7}""")]
    [InlineData("""{"id":"new","partitionKey":{"paths":["/pk"]},"defaultTtl":1.5}""")]
    [InlineData("""{"id":"new","partitionKey":{"paths":["/pk"]},"defaultTtl":1e400}""")]
    [InlineData("""{"id":"new","partitionKey":{"paths":["/pk"]},"defaultTtl":99999999999}""")]
    [InlineData("""{"id":"new","partitionKey":{"paths":["/pk"]},"uniqueKeyPolicy":7}""")]
    [InlineData("""{"id":"new","partitionKey":{"paths":["/pk"]},"uniqueKeyPolicy":{"uniqueKeys":[7]}}""")]
    [InlineData("""{"id":"new","partitionKey":{"paths":["/pk"]},"uniqueKeyPolicy":{"uniqueKeys":[{"paths":7}]}}""")]
    public async Task Container_of_another_shape_is_400(string json)
    {
        await using var raw = await RawCosmos.StartAsync(_cosmos);
        var (status, body) = await raw.SendAsync("POST", "/dbs/db/colls", ("colls", "dbs/db"), json);
        Assert.True(status == 400, body);
    }

    [Fact]
    public async Task Defect_and_full_disk_are_answered_with_an_id_that_the_log_has_and_no_path()
    {
        var directory = Directory.CreateTempSubdirectory("cosmos-");
        try
        {
            var log = new Local.Testing.HostLog(sink: null, Microsoft.Extensions.Logging.LogLevel.Trace);
            using var endpoint = CosmosEndpoint.Open(directory.FullName, TimeProvider.System, log.CreateLogger("cosmos"));
            endpoint.EnsureContainer("db", "items");
            using var client = new CosmosClient("http://localhost:8081/", Key, new CosmosClientOptions
            {
                ConnectionMode = ConnectionMode.Gateway,
                HttpClientFactory = () => new HttpClient(endpoint.CreateHandler()),
            });
            var items = client.GetContainer("db", "items");
            await items.CreateItemAsync(Doc("p", "warm"), P);
            endpoint.Store.FailNextAppend();
            var failure = await Assert.ThrowsAsync<CosmosException>(() => items.CreateItemAsync(Doc("p", "a"), P));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, failure.StatusCode);
            AssertTold(failure, log, directory.FullName);

            endpoint.Store.Index.Dispose();
            failure = await Assert.ThrowsAsync<CosmosException>(() => items.ReadItemAsync<JObject>("a", P));
            Assert.DoesNotContain(directory.FullName, failure.ResponseBody, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static void AssertTold(CosmosException failure, Local.Testing.HostLog log, string path)
    {
        Assert.DoesNotContain(path, failure.ResponseBody, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", failure.ResponseBody, StringComparison.Ordinal);
        Assert.Contains(failure.ActivityId, failure.ResponseBody, StringComparison.Ordinal);
        Assert.Contains(log.Lines, line => line.Contains(failure.ActivityId, StringComparison.Ordinal) && line.Contains(path, StringComparison.Ordinal));
    }

    private static MemoryStream Utf8(string json) => new(Encoding.UTF8.GetBytes(json));
}
