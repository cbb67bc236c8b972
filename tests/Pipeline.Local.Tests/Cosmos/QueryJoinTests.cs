using Microsoft.Azure.Cosmos;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests;

/// <summary>Joins, subqueries and what is collected, in pages of every size.</summary>
public sealed class QueryJoinTests : IAsyncLifetime, IDisposable
{
    private readonly LocalCosmos _cosmos = new();

    public async Task InitializeAsync()
    {
        for (var n = 0; n < 6; n++)
            await _cosmos.CreateAsync("p", Invariant($"i{n}"), n % 2 == 0 ? "even" : "odd", new { n, list = Enumerable.Range(0, n).Select(k => new { k, name = Invariant($"{n}-{k}") }) });
        await _cosmos.CreateAsync("q", "i9", "odd", new { n = 9, list = new[] { new { k = 8, name = "9-8" } } });
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _cosmos.Dispose();

    [Theory]
    [InlineData("SELECT VALUE x.name FROM c JOIN x IN c.list", "1-0 2-0 2-1 3-0 3-1 3-2 4-0 4-1 4-2 4-3 5-0 5-1 5-2 5-3 5-4")]
    [InlineData("SELECT VALUE x.name FROM c JOIN x IN c.list WHERE x.k = 2", "3-2 4-2 5-2")]
    [InlineData("SELECT VALUE x.name FROM c JOIN x IN c.list WHERE c.id = 'i4' AND x.k > 1", "4-2 4-3")]
    [InlineData("SELECT VALUE x.name FROM c JOIN x IN c.list WHERE c.kind = 'odd' AND x.k < 2", "1-0 3-0 3-1 5-0 5-1")]
    [InlineData("SELECT VALUE x.name FROM c JOIN x IN c.list ORDER BY c.id DESC", "5-0 5-1 5-2 5-3 5-4 4-0 4-1 4-2 4-3 3-0 3-1 3-2 2-0 2-1 1-0")]
    [InlineData("SELECT VALUE x.name FROM c JOIN x IN c.list WHERE x.k = 1 OR x.k = 2 ORDER BY c.n DESC", "5-1 5-2 4-1 4-2 3-1 3-2 2-1")]
    [InlineData("SELECT VALUE x.name FROM c JOIN x IN c.list ORDER BY c.kind, c.n OFFSET 3 LIMIT 4", "4-1 4-2 4-3 1-0")]
    [InlineData("SELECT VALUE x.name FROM c JOIN x IN c.list OFFSET 4 LIMIT 5", "3-1 3-2 4-0 4-1 4-2")]
    [InlineData("SELECT TOP 2 VALUE x.name FROM c JOIN x IN c.list", "1-0 2-0")]
    [InlineData("SELECT VALUE x.name FROM x IN c.list WHERE x.k = 3", "4-3 5-3")]
    [InlineData("SELECT VALUE CONCAT(x.name, '/', y.name) FROM c JOIN x IN c.list JOIN y IN c.list WHERE x.k < y.k AND c.n < 4", "2-0/2-1 3-0/3-1 3-0/3-2 3-1/3-2")]
    [InlineData("SELECT VALUE c.id FROM c WHERE EXISTS(SELECT VALUE x FROM x IN c.list WHERE x.k = 3)", "i4 i5")]
    [InlineData("SELECT VALUE c.id FROM c WHERE NOT EXISTS(SELECT VALUE x FROM x IN c.list WHERE x.k = 1)", "i0 i1")]
    [InlineData("SELECT VALUE c.id FROM c WHERE (SELECT VALUE COUNT(1) FROM x IN c.list) > 3", "i4 i5")]
    [InlineData("SELECT VALUE c.id FROM c JOIN (SELECT VALUE SUM(x.k) FROM x IN c.list) AS total WHERE total = 3", "i3")]
    [InlineData("SELECT DISTINCT VALUE x.k FROM c JOIN x IN c.list", "0 1 2 3 4")]
    [InlineData("SELECT DISTINCT VALUE c.kind FROM c ORDER BY c.kind DESC", "odd even")]
    [InlineData("SELECT DISTINCT VALUE x.k FROM c JOIN x IN c.list OFFSET 1 LIMIT 2", "1 2")]
    [InlineData("SELECT VALUE k FROM (SELECT DISTINCT VALUE x.k FROM c JOIN x IN c.list) AS k WHERE k > 2", "3 4")]
    [InlineData("SELECT VALUE r.id FROM (SELECT TOP 3 * FROM c ORDER BY c.n DESC) AS r WHERE r.kind = 'odd'", "i5 i3")]
    [InlineData("SELECT VALUE r.n FROM (SELECT c.kind, COUNT(1) AS n FROM c GROUP BY c.kind) AS r", "3 3")]
    [InlineData("SELECT VALUE SUM(x.k) FROM c JOIN x IN c.list GROUP BY c.kind", "13 7")]
    public async Task Rows_come_whatever_the_pages(string query, string expected)
    {
        foreach (var pageSize in new int?[] { null, 1, 2, 3, 7 })
            Assert.Equal(expected, string.Join(' ', (await _cosmos.QueryAsync(query, "p", pageSize)).Select(row => row.ToString(Formatting.None).Trim('"'))));
    }

    [Fact]
    public async Task Rows_go_on_from_a_token_within_an_item()
    {
        const string Query = "SELECT VALUE x.name FROM c JOIN x IN c.list";
        var seen = new List<string>();
        string? token = null;
        do
        {
            var options = new QueryRequestOptions { MaxItemCount = 2, PartitionKey = new PartitionKey("p") };
            using var pages = _cosmos.Items.GetItemQueryIterator<string>(Query, token, options);
            var page = await pages.ReadNextAsync();
            seen.AddRange(page);
            token = page.ContinuationToken;
            // What the token stands in goes: the rest of it is not there any more, and nothing else is left out.
            if (seen.Count == 4)
                await _cosmos.Items.DeleteItemAsync<JToken>("i3", new PartitionKey("p"));
        }
        while (token is not null);
        Assert.Equal("1-0 2-0 2-1 3-0 4-0 4-1 4-2 4-3 5-0 5-1 5-2 5-3 5-4", string.Join(' ', seen));
    }

    [Fact]
    public async Task Across_partitions()
    {
        Assert.Equal(16, (await _cosmos.QueryAsync("SELECT VALUE x.name FROM c JOIN x IN c.list", pageSize: 3)).Count);
        Assert.Equal("9-8", (string?)Assert.Single(await _cosmos.QueryAsync("SELECT VALUE x.name FROM c JOIN x IN c.list WHERE c.pk = 'q'")));
        Assert.Equal(1, (int)Assert.Single(await _cosmos.QueryAsync("SELECT VALUE 1")));
        Assert.Equal(6, (int)Assert.Single(await _cosmos.QueryAsync("SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE x.k FROM c JOIN x IN c.list) AS k")));
    }
}
