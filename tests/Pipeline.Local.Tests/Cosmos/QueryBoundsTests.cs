using System.Net;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests;

/// <summary>
/// Queries that would take the stack, the memory or the time of the process are refused, or do not. They go without the
/// SDK, whose own parser takes minutes for some of them.
/// </summary>
public sealed class QueryBoundsTests : IAsyncLifetime, IDisposable
{
    private const int Deep = 20_000;
    private readonly LocalCosmos _cosmos = new();

    public Task InitializeAsync() =>
        _cosmos.CreateAsync("p", "a", more: new { n = 1, list = Enumerable.Range(0, 2000), text = new string('a', 100_000) });

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _cosmos.Dispose();

    /// <summary>By name, since the queries are too long for the names of tests.</summary>
    private static readonly Dictionary<string, (string Query, string Because)> Refused = new(StringComparer.Ordinal)
    {
        ["parentheses"] = ($"SELECT VALUE {new string('(', Deep)}1{new string(')', Deep)} FROM c", "too deeply"),
        ["arrays"] = ($"SELECT VALUE {new string('[', Deep)}{new string(']', Deep)} FROM c", "too deeply"),
        ["objects"] = ($"SELECT VALUE {Repeat("{a:", Deep)}1{new string('}', Deep)} FROM c", "too deeply"),
        ["minus"] = ($"SELECT VALUE {Repeat("-", Deep)}c.n FROM c".Replace("--", "- - ", StringComparison.Ordinal), "too deeply"),
        ["complements"] = ($"SELECT VALUE {Repeat("~", Deep)}c.n FROM c", "too deeply"),
        ["calls"] = ($"SELECT VALUE {Repeat("LOWER(", Deep)}c.id{new string(')', Deep)} FROM c", "too deeply"),
        ["subqueries"] = ($"SELECT VALUE {Repeat("(SELECT VALUE ", Deep)}1{new string(')', Deep)} FROM c", "too deeply"),
        ["conditions"] = ($"SELECT VALUE {Repeat("true ? 1 : ", Deep)}2 FROM c", "too deeply"),
        ["comparisons"] = ($"SELECT VALUE c.n{Repeat(" = c.n", Deep)} FROM c", "too deeply"),
        ["indexes"] = ($"SELECT VALUE c[{Repeat("c[", Deep)}0{new string(']', Deep)}] FROM c", "too deeply"),
        ["sources in subqueries"] = ($"SELECT VALUE x FROM {Repeat("(SELECT VALUE x FROM ", Deep)}c{new string(')', Deep)} x", "too deeply"),
        ["values in IN"] = ($"SELECT VALUE c.id FROM c WHERE c.n IN ({Repeat("1,", 16_000)}1)", "16000"),
        ["text"] = ($"SELECT VALUE c.id FROM c WHERE c.id = '{new string('x', 600_000)}'", "longer than"),
        ["counted joins"] = ("SELECT VALUE COUNT(1) FROM c JOIN a IN c.list JOIN b IN c.list JOIN d IN c.list", "rows"),
        ["joins without a result"] = ("SELECT VALUE a FROM c JOIN a IN c.list JOIN b IN c.list JOIN d IN c.list WHERE a + b + d < 0", "rows"),
        ["sources of one name"] = ($"SELECT VALUE c.id FROM c {Repeat("JOIN a IN c.list ", 20)}", "'a'"),
        ["sources"] = (Invariant($"SELECT VALUE c.id FROM c {string.Concat(Enumerable.Range(0, 20).Select(i => Invariant($"JOIN a{i} IN c.list ")))}"), "sources"),
        ["LIKE"] = ($"SELECT VALUE c.id FROM c WHERE c.text LIKE '{Repeat("%a", 2000)}b'", "2048"),
        ["regular expression"] = (@"SELECT VALUE c.id FROM c WHERE RegexMatch(c.text, '^(a+)+\\1b$')", "takes more than"),
        ["doubled texts"] = ($"SELECT VALUE {Doubled("CONCAT(x, x)")} FROM c", "more than"),
        ["doubled arrays"] = ($"SELECT VALUE {Doubled("[x, x]")} FROM c", "more than"),
        ["doubled replacements"] = ($"SELECT VALUE {Doubled("REPLACE(x, 'a', 'aaaa')")} FROM c", "more than"),
    };

    public static TheoryData<string> Names => [.. Refused.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Query_that_takes_too_much_is_refused(string name)
    {
        var (query, because) = Refused[name];
        foreach (var pk in new[] { "p", null })
        {
            var (status, body) = await PostAsync(query, pk);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains(because, (string?)body["message"], StringComparison.Ordinal);
        }

        Assert.Equal("a", await _cosmos.IdsAsync("SELECT * FROM c", "p"));
    }

    [Theory]
    [InlineData("1", " + 1", Deep, "20001")]
    [InlineData("'x'", " || ''", Deep, "x")]
    [InlineData("c.nope", " ?? 1", Deep, "1")]
    [InlineData("true", " AND true", Deep, "True")]
    [InlineData("c.n = 0", " OR c.n = 1", Deep, "True")]
    [InlineData("[1]", "[0]", 1, "1")]
    public async Task Long_chain_of_operators_is_evaluated(string first, string next, int times, string expected) =>
        Assert.Equal(expected, (string?)Assert.Single(await ResultsAsync($"SELECT VALUE ({first}{Repeat(next, times)}) FROM c")));

    [Fact]
    public async Task Members_and_negations_in_a_row_are_evaluated()
    {
        Assert.Empty(await ResultsAsync($"SELECT VALUE LOWER(c.id){Repeat(".a", Deep)} FROM c"));
        Assert.True((bool)Assert.Single(await ResultsAsync($"SELECT VALUE {Repeat("NOT ", Deep)}true FROM c")));
    }

    /// <summary>Evaluated once each, not twice at every level.</summary>
    [Fact]
    public async Task Nested_between_takes_no_exponential_time()
    {
        var nested = "c.n";
        for (var i = 0; i < 100; i++)
            nested = $"({nested} BETWEEN 0 AND 2)";
        Assert.Empty(await ResultsAsync($"SELECT VALUE {nested} FROM c"));
    }

    [Theory]
    [InlineData("RegexMatch(c.text, '^(a+)+b$')")]
    [InlineData("RegexMatch(c.text, '(a|aa)+b')")]
    [InlineData("c.text LIKE '%a%a%a%a%a%a%a%a%b'")]
    public async Task Pattern_that_is_catastrophic_elsewhere_is_matched(string condition) =>
        Assert.Empty(await ResultsAsync($"SELECT * FROM c WHERE {condition}"));

    [Fact]
    public async Task Long_list_is_looked_up()
    {
        var ids = string.Join(", ", Enumerable.Range(0, 15_000).Select(i => Invariant($"'{i}'")));
        Assert.Equal("a", (string?)Assert.Single(await ResultsAsync($"SELECT VALUE c.id FROM c WHERE c.id IN ({ids}, 'a')")));
        Assert.Equal(1, (int)Assert.Single(await ResultsAsync($"SELECT VALUE COUNT(1) FROM c WHERE c.id NOT IN ({ids})")));
    }

    private async Task<JArray> ResultsAsync(string query)
    {
        var (status, body) = await PostAsync(query, "p");
        Assert.True(status == HttpStatusCode.OK, (string?)body["message"]);
        return (JArray)body["Documents"]!;
    }

    private async Task<(HttpStatusCode Status, JObject Body)> PostAsync(string query, string? pk)
    {
        using var http = new HttpClient(_cosmos.Endpoint.CreateHandler());
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://localhost:8081/dbs/db/colls/items/docs")
        {
            Content = new StringContent(JsonConvert.SerializeObject(new { query }), Encoding.UTF8, "application/query+json"),
        };
        request.Headers.TryAddWithoutValidation("x-ms-documentdb-isquery", "True");
        if (pk is not null)
            request.Headers.TryAddWithoutValidation("x-ms-documentdb-partitionkey", $"[\"{pk}\"]");
        using var response = await http.SendAsync(request.Signed("docs", "dbs/db/colls/items"));
        return (response.StatusCode, JObject.Parse(await response.Content.ReadAsStringAsync()));
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    /// <summary>Makes something twice as large, again and again.</summary>
    private static string Doubled(string expression)
    {
        var query = "'aaaaaaaa'";
        for (var i = 0; i < 25; i++)
            query = $"(SELECT VALUE {expression} FROM (SELECT VALUE {query}) AS x)";
        return query;
    }
}
