using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests;

public sealed class QueryTests : IAsyncLifetime, IDisposable
{
    private readonly LocalCosmos _cosmos = new();

    public async Task InitializeAsync()
    {
        await _cosmos.CreateAsync("p", "a", "state", new { n = 1, tags = new[] { "x", "y" }, o = new { deep = new { v = "z" } } });
        await _cosmos.CreateAsync("p", "b", "outbox", new { n = 2, flag = true, list = new object[] { new { k = 1, l = 2 }, 5 } });
        await _cosmos.CreateAsync("p", "c", "outbox", new { n = 3.5, flag = false, name = "Äpfel" });
        await _cosmos.CreateAsync("p", "d", null, new { n = "3", nothing = (string?)null });
        await _cosmos.CreateAsync("p", "e-1", "event", new { name = "it's" });
        await _cosmos.CreateAsync("p", "e-2", "event", new { n = -1 });
        await _cosmos.CreateAsync("q", "a", "outbox", new { n = 9 });
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _cosmos.Dispose();

    [Theory]
    [InlineData("c.id = 'a'", "a")]
    [InlineData("'a' = c.id", "a")]
    [InlineData("c.id = \"a\"", "a")]
    [InlineData("c[\"id\"] = 'a'", "a")]
    [InlineData("c.id = 1", "")]
    [InlineData("c.id != 'a'", "b c d e-1 e-2")]
    [InlineData("c.id <> 'a' AND c.id < 'c'", "b")]
    [InlineData("c.id > 'c'", "d e-1 e-2")]
    [InlineData("c.id >= 'c' AND c.id <= 'e-1'", "c d e-1")]
    [InlineData("'c' <= c.id", "c d e-1 e-2")]
    [InlineData("c.id BETWEEN 'b' AND 'd'", "b c d")]
    [InlineData("c.id NOT BETWEEN 'b' AND 'd'", "a e-1 e-2")]
    [InlineData("c.id IN ('e-2', 'a', 'nope', 'a')", "a e-2")]
    [InlineData("c.id NOT IN ('e-2', 'a')", "b c d e-1")]
    [InlineData("c.id = 'a' OR c.id = 'c'", "a c")]
    [InlineData("c.id = 'a' OR c.n = 2", "a b")]
    [InlineData("c.id = 'a' AND c.id = 'b'", "")]
    [InlineData("(c.id = 'a' OR c.id = 'b') AND c.kind = 'outbox'", "b")]
    [InlineData("STARTSWITH(c.id, 'e-')", "e-1 e-2")]
    [InlineData("startswith(c.id, 'E-', true)", "e-1 e-2")]
    [InlineData("STARTSWITH(c.id, 'E-')", "")]
    [InlineData("STARTSWITH(c.id, '')", "a b c d e-1 e-2")]
    [InlineData("STARTSWITH(c.id, 'e-') AND c.id > 'e-1'", "e-2")]
    [InlineData("STARTSWITH(c.id, 'e-') OR c.id BETWEEN 'a' AND 'b'", "a b e-1 e-2")]
    [InlineData("ENDSWITH(c.id, '-2')", "e-2")]
    [InlineData("CONTAINS(c.id, '-')", "e-1 e-2")]
    [InlineData("c.id LIKE 'e-%'", "e-1 e-2")]
    [InlineData("c.id LIKE '_'", "a b c d")]
    [InlineData("c.id NOT LIKE '_'", "e-1 e-2")]
    [InlineData("c.kind = 'outbox'", "b c")]
    [InlineData("c.kind = 'outbox' OR c.kind = 'state'", "a b c")]
    [InlineData("c.kind IN ('event', 'state')", "a e-1 e-2")]
    [InlineData("c.kind = 5", "")]
    [InlineData("c.kind != 'outbox'", "a e-1 e-2")]
    [InlineData("c.kind != null", "a b c e-1 e-2")]
    [InlineData("c.kind NOT IN (null, 5)", "a b c e-1 e-2")]
    [InlineData("NOT (c.kind = 5)", "a b c e-1 e-2")]
    [InlineData("NOT (c.kind = 'outbox')", "a e-1 e-2")]
    [InlineData("NOT IS_DEFINED(c.kind)", "d")]
    [InlineData("c.pk = 'p' AND c.id = 'a'", "a")]
    [InlineData("c.pk = 'q'", "")]
    [InlineData("c.n = 2", "b")]
    [InlineData("c.n = '3'", "d")]
    [InlineData("c.n != 2", "a c d e-2")]
    [InlineData("c.n != null", "a b c d e-2")]
    [InlineData("c.n NOT IN (1, 2, null)", "c d e-2")]
    [InlineData("c.o != 1", "a")]
    [InlineData("c.id != 1", "a b c d e-1 e-2")]
    [InlineData("c.n > 1", "b c")]
    [InlineData("c.n >= 1 AND c.n < 3.5", "a b")]
    [InlineData("c.n < 0", "e-2")]
    [InlineData("c.n = -1", "e-2")]
    [InlineData("c.n > 1e0", "b c")]
    [InlineData("c.n BETWEEN 1 AND 2", "a b")]
    [InlineData("c.n IN (1, '3', true)", "a d")]
    [InlineData("c.flag", "b")]
    [InlineData("c.flag = true", "b")]
    [InlineData("NOT c.flag", "c")]
    [InlineData("c.flag OR c.id = 'a'", "a b")]
    [InlineData("c.flag AND c.n = 2", "b")]
    [InlineData("c.nothing = null", "d")]
    [InlineData("IS_NULL(c.nothing)", "d")]
    [InlineData("IS_NULL(c.missing)", "")]
    [InlineData("IS_DEFINED(c.nothing)", "d")]
    [InlineData("c.missing = undefined", "")]
    [InlineData("c.missing = null", "")]
    [InlineData("c.o.deep.v = 'z'", "a")]
    [InlineData("c['o'][\"deep\"].v = 'z'", "a")]
    [InlineData("c.tags[1] = 'y'", "a")]
    [InlineData("c.o = c.o", "a")]
    [InlineData("ARRAY_CONTAINS(c.tags, 'x')", "a")]
    [InlineData("ARRAY_CONTAINS(c.list, 5)", "b")]
    [InlineData("ARRAY_CONTAINS(['a', 'c'], c.id)", "a c")]
    [InlineData("ARRAY_LENGTH(c.tags) = 2", "a")]
    [InlineData("c.name = 'it\\'s'", "e-1")]
    [InlineData("c.name = \"it's\"", "e-1")]
    [InlineData("c.name = '\\u00c4pfel'", "c")]
    [InlineData("IS_STRING(c.n)", "d")]
    [InlineData("IS_NUMBER(c.n) AND NOT (c.n >= 1)", "e-2")]
    [InlineData("LOWER(c.kind) = 'event' AND UPPER(c.id) = 'E-2'", "e-2")]
    [InlineData("c.n > c.id", "")]
    [InlineData("true", "a b c d e-1 e-2")]
    [InlineData("c.n = 1 -- comment", "a")]
    public async Task Where_finds(string where, string ids)
    {
        Assert.Equal(ids, await _cosmos.IdsAsync($"SELECT * FROM c WHERE {where}", "p"));
        where = where.Replace(" -- comment", "", StringComparison.Ordinal);
        var renamed = where.Replace("c.", "r.", StringComparison.Ordinal).Replace("c[", "r[", StringComparison.Ordinal);
        // The same over all partitions takes other indexes, and in pages it takes continuation tokens.
        Assert.Equal(ids, await _cosmos.IdsAsync($"SELECT * FROM root r WHERE ({renamed}) AND r.pk != 'q'", pageSize: 1));
        Assert.Equal(ids, await _cosmos.IdsAsync($"SELECT * FROM c WHERE {where} ORDER BY c.id", "p", 2));
        var descending = await _cosmos.IdsAsync($"SELECT * FROM c WHERE {where} ORDER BY c.id DESC", "p", 2);
        Assert.Equal(string.Join(' ', ids.Split(' ').Reverse()), descending);
    }

    [Fact]
    public async Task Parameters_take_any_type()
    {
        Assert.Equal("b", await _cosmos.IdsAsync("SELECT * FROM c WHERE c.id = @id AND c.flag = @flag", "p", null, ("@id", "b"), ("@flag", true)));
        Assert.Equal("a c", await _cosmos.IdsAsync("SELECT * FROM c WHERE ARRAY_CONTAINS(@ids, c.id)", "p", null, ("@ids", new[] { "c", "a" })));
        Assert.Equal("d", await _cosmos.IdsAsync("SELECT * FROM c WHERE c.nothing = @null", "p", null, ("@null", null)));
        Assert.Equal("a b", await _cosmos.IdsAsync("SELECT * FROM c WHERE c.n <= @n AND c.n > 0", "p", null, ("@n", 2L)));
        Assert.Equal("b", await _cosmos.IdsAsync("SELECT * FROM c WHERE ARRAY_CONTAINS(c.list, @part, true)", "p", null, ("@part", new { k = 1 })));
        Assert.Equal("a b", await _cosmos.IdsAsync("SELECT TOP @top * FROM c WHERE c.n < @n", "p", null, ("@top", 2), ("@n", 100)));
    }

    [Theory]
    [InlineData("SELECT c.id, c.n AS number FROM c WHERE c.id IN ('a', 'e-1')", """[{"id":"a","number":1},{"id":"e-1"}]""")]
    [InlineData("SELECT VALUE c.n FROM c WHERE c.id < 'e'", """[1,2,3.5,"3"]""")]
    [InlineData("SELECT VALUE c.o.deep FROM c", """[{"v":"z"}]""")]
    [InlineData("SELECT VALUE COUNT(1) FROM c", "[6]")]
    [InlineData("SELECT VALUE COUNT(c.n) FROM c WHERE c.kind = 'event'", "[1]")]
    [InlineData("SELECT COUNT(1) AS n, COUNT(c.kind) kinds FROM c", """[{"n":6,"kinds":5}]""")]
    [InlineData("SELECT VALUE COUNT(1) FROM c WHERE c.id = 'none'", "[0]")]
    [InlineData("SELECT TOP 2 c.id FROM c ORDER BY c.id DESC", """[{"id":"e-2"},{"id":"e-1"}]""")]
    [InlineData("SELECT TOP 0 * FROM c", "[]")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.n", """["e-1","e-2","a","b","c","d"]""")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.n DESC", """["d","c","b","a","e-2","e-1"]""")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.kind DESC, c.id ASC", """["a","b","c","e-1","e-2","d"]""")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.id OFFSET 1 LIMIT 2", """["b","c"]""")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.n DESC OFFSET 1 LIMIT 3", """["c","b","a"]""")]
    [InlineData("SELECT VALUE c.id FROM c OFFSET 4 LIMIT 10", """["e-1","e-2"]""")]
    [InlineData("SELECT VALUE 1 FROM c WHERE c.id = 'a'", "[1]")]
    public async Task Select_returns(string query, string expected)
    {
        Assert.Equal(expected, new JArray(await _cosmos.QueryAsync(query, "p")).ToString(Formatting.None));
        if (!query.Contains("COUNT", StringComparison.Ordinal))
            Assert.Equal(expected, new JArray(await _cosmos.QueryAsync(query, "p", 1)).ToString(Formatting.None));
    }

    [Fact]
    public async Task Across_partitions()
    {
        Assert.Equal(7, (await _cosmos.QueryAsync("SELECT * FROM c", pageSize: 2)).Count);
        Assert.Equal("[7]", new JArray(await _cosmos.QueryAsync("SELECT VALUE COUNT(1) FROM c", pageSize: 2)).ToString(Formatting.None));
        var outbox = await _cosmos.QueryAsync("SELECT * FROM c WHERE c.kind = 'outbox'", pageSize: 1);
        Assert.Equal("a b c", string.Join(' ', outbox.Select(d => (string)d["id"]!).Order()));
        Assert.Equal("a c b", await _cosmos.IdsAsync("SELECT * FROM c WHERE c.kind = 'outbox' ORDER BY c.n DESC", pageSize: 1));
        Assert.Equal("a a b c d e-1 e-2", await _cosmos.IdsAsync("SELECT * FROM c ORDER BY c.id", pageSize: 3));
        Assert.Equal("a", await _cosmos.IdsAsync("SELECT * FROM c WHERE c.pk = 'q'"));
        Assert.Equal("a a", await _cosmos.IdsAsync("SELECT * FROM c WHERE (c.id = 'a' AND c.pk = 'q') OR (c.id = 'a' AND c.pk = 'p')"));
        Assert.Equal(7, (await LocalCosmos.AllAsync(_cosmos.Items.GetItemQueryIterator<JToken>())).Count);
    }

    [Theory]
    [InlineData("SELECT c.id, COUNT(1) AS n FROM c", "'c.id'")]
    [InlineData("SELECT c.id, COUNT(1) AS n FROM c GROUP BY c.kind", "'c.id'")]
    [InlineData("SELECT LOWER(c.id) AS id, COUNT(1) AS n FROM c GROUP BY c.kind", "'c.id'")]
    [InlineData("SELECT * FROM c GROUP BY c.kind", "GROUP BY")]
    [InlineData("SELECT c.kind FROM c GROUP BY c.kind ORDER BY c.kind", "ORDER BY")]
    [InlineData("SELECT VALUE SUM(MAX(c.n)) FROM c", "MAX")]
    [InlineData("SELECT * FROM c WHERE SUM(c.n) > 1", "SUM")]
    [InlineData("SELECT * FROM c JOIN t IN c.tags", "SELECT *")]
    [InlineData("SELECT VALUE t FROM c JOIN t IN x.tags", "'x'")]
    [InlineData("SELECT VALUE t FROM c JOIN c IN c.tags", "'c'")]
    [InlineData("SELECT VALUE c FROM c, d", "comma")]
    [InlineData("SELECT VALUE t FROM c JOIN t IN c.tags ORDER BY t", "ORDER BY")]
    [InlineData("SELECT * FROM c WHERE EXISTS(SELECT VALUE 1 FROM x)", "'x'")]
    [InlineData("SELECT VALUE ARRAY(SELECT VALUE c FROM c)", "'c'")]
    [InlineData("SELECT VALUE a FROM (SELECT VALUE c FROM c) AS a JOIN (SELECT VALUE d FROM d) AS b", "'d'")]
    [InlineData("SELECT * FROM c WHERE c.id IN (SELECT VALUE 1)", "subquery")]
    [InlineData("SELECT VALUE (SELECT VALUE t FROM t IN c.tags) FROM c", "cardinality")]
    [InlineData("SELECT * FROM c WHERE udf.f(c.id)", "udf")]
    [InlineData("SELECT * FROM c WHERE ST_DISTANCE(c.a, c.b) < 1", "ST_DISTANCE")]
    [InlineData("SELECT * FROM c WHERE VectorDistance(c.a, c.b) < 1", "VectorDistance")]
    [InlineData("SELECT * FROM c WHERE Nonsense(c.id)", "Nonsense")]
    [InlineData("SELECT * FROM c WHERE LOWER(c.id, 1, 2)", "LOWER takes 1 arguments")]
    [InlineData("SELECT * FROM c WHERE x.id = 'a'", "'x'")]
    [InlineData("SELECT * FROM c ORDER BY LOWER(c.id)", "ORDER BY")]
    [InlineData("SELECT * FROM c WHERE c.id = 'a", "string")]
    [InlineData("SELECT * FROM c WHERE", "end of the query")]
    [InlineData("SELECT * FROM c WHERE c.id || 'a' = 'aa'", "parentheses")]
    [InlineData("SELECT * FROM c WHERE c.n = 1 HAVING c.n = 1", "HAVING")]
    [InlineData("SELECT {'a': 1, 'a': 2} FROM c", "'a' is there twice")]
    [InlineData("SELECT * FROM c WHERE c.id LIKE 'a' ESCAPE 'xx'", "ESCAPE")]
    [InlineData("SELECT * FROM c WHERE RegexMatch(c.id, '(')", "regular expression")]
    [InlineData("SELECT * FROM c WHERE RegexMatch(c.id, 'a', 'q')", "'q'")]
    [InlineData("DELETE FROM c", "SELECT")]
    [InlineData("SELECT * FROM c WHERE c.id = @nope", "@nope")]
    public async Task Unsupported_is_400_and_says_what(string query, string names)
    {
        foreach (var pk in new[] { "p", null })
        {
            var failure = await Assert.ThrowsAsync<CosmosException>(() => _cosmos.QueryAsync(query, pk));
            Assert.Equal(HttpStatusCode.BadRequest, failure.StatusCode);
            Assert.Contains(names, failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("SELECT * FROM c", null)]
    [InlineData("SELECT * FROM c WHERE c.kind = 'many'", null)]
    [InlineData("SELECT * FROM c WHERE c.kind = 'many' ORDER BY c.id", "m")]
    [InlineData("SELECT * FROM c WHERE c.kind = 'many' ORDER BY c.id DESC", "m")]
    [InlineData("SELECT * FROM c WHERE STARTSWITH(c.id, 'i') ORDER BY c.n", null)]
    public async Task Pages_stay_right_when_items_come_and_go(string query, string? pk)
    {
        for (var i = 0; i < 40; i++)
            await _cosmos.CreateAsync("m", Invariant($"i{i:d3}"), "many", new { n = i % 5 });

        var seen = new List<string>();
        var gone = new HashSet<string>();
        var pages = _cosmos.Items.GetItemQueryIterator<JToken>(query, requestOptions: new QueryRequestOptions
        {
            MaxItemCount = 3,
            PartitionKey = pk is null ? null : new PartitionKey(pk),
        });
        for (var round = 0; pages.HasMoreResults; round++)
        {
            var page = await pages.ReadNextAsync();
            seen.AddRange(page.Where(d => (string?)d["kind"] == "many").Select(d => (string)d["id"]!));
            if (round >= 12)
                continue;
            // One already seen and one not yet seen, perhaps, go; others come in front and behind.
            foreach (var id in new[] { Invariant($"i{round:d3}"), Invariant($"i{39 - round:d3}") })
            {
                await _cosmos.Items.DeleteItemAsync<JToken>(id, new PartitionKey("m"));
                gone.Add(id);
            }

            await _cosmos.CreateAsync("m", Invariant($"i{round:d3}-new"), "added", new { n = round % 5 });
        }

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Subset(seen.ToHashSet(), Enumerable.Range(0, 40).Select(i => Invariant($"i{i:d3}")).Where(id => !gone.Contains(id)).ToHashSet());
    }

    [Fact]
    public async Task Linq_works()
    {
        var query = _cosmos.Items.GetItemLinqQueryable<Item>(requestOptions: new QueryRequestOptions { PartitionKey = new PartitionKey("p") })
            .Where(item => item.kind == "event" && item.id.StartsWith("e-")).OrderBy(item => item.id).Select(item => item.id);
        using var pages = Microsoft.Azure.Cosmos.Linq.CosmosLinqExtensions.ToFeedIterator(query);
        Assert.Equal(["e-1", "e-2"], await pages.ReadNextAsync());
    }

    [Fact]
    public async Task Large_items_come_in_pages_of_some_megabytes()
    {
        for (var i = 0; i < 10; i++)
            await _cosmos.CreateAsync("large", Invariant($"{i}"), more: new { text = new string('x', 1_000_000) });
        var options = new QueryRequestOptions { PartitionKey = new PartitionKey("large") };
        var pages = _cosmos.Items.GetItemQueryIterator<JToken>("SELECT * FROM c ORDER BY c.text", requestOptions: options);
        Assert.InRange((await pages.ReadNextAsync()).Count, 2, 6);
        Assert.Equal("0 1 2 3 4 5 6 7 8 9", await _cosmos.IdsAsync("SELECT * FROM c", "large"));
    }

    [Fact]
    public async Task Query_goes_on_from_a_token_in_another_iterator()
    {
        var options = new QueryRequestOptions { MaxItemCount = 4, PartitionKey = new PartitionKey("p") };
        var first = await _cosmos.Items.GetItemQueryIterator<JToken>("SELECT * FROM c ORDER BY c.n", requestOptions: options).ReadNextAsync();
        var second = await _cosmos.Items.GetItemQueryIterator<JToken>("SELECT * FROM c ORDER BY c.n", first.ContinuationToken, options).ReadNextAsync();
        Assert.Equal("e-1 e-2 a b c d", string.Join(' ', first.Concat(second).Select(d => (string)d["id"]!)));
        Assert.Null(second.ContinuationToken);
    }

    private sealed record Item(string id, string kind);
}
