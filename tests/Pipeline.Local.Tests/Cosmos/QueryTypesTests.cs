using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Cosmos.Linq;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests;

/// <summary>Every operator on every pair of types: T true, F false, U undefined.</summary>
public sealed class QueryTypesTests : IAsyncLifetime, IDisposable
{
    /// <summary>Properties of the one item; <c>c.u</c> is not there.</summary>
    private static readonly string[] Operands = ["c.u", "c.nul", "c.f", "c.t", "c.n1", "c.n2", "c.s1", "c.s2", "c.a1", "c.a2", "c.o1", "c.o2"];

    private static readonly string[] Equal =
    [
        "UUUUUUUUUUUU",
        "UTFFFFFFFFFF",
        "UFTFFFFFFFFF",
        "UFFTFFFFFFFF",
        "UFFFTFFFFFFF",
        "UFFFFTFFFFFF",
        "UFFFFFTFFFFF",
        "UFFFFFFTFFFF",
        "UFFFFFFFTFFF",
        "UFFFFFFFFTFF",
        "UFFFFFFFFFTF",
        "UFFFFFFFFFFT",
    ];

    private static readonly string[] Less =
    [
        "UUUUUUUUUUUU",
        "UFUUUUUUUUUU",
        "UUFTUUUUUUUU",
        "UUFFUUUUUUUU",
        "UUUUFTUUUUUU",
        "UUUUFFUUUUUU",
        "UUUUUUFTUUUU",
        "UUUUUUFFUUUU",
        "UUUUUUUUUUUU",
        "UUUUUUUUUUUU",
        "UUUUUUUUUUUU",
        "UUUUUUUUUUUU",
    ];

    private static readonly string[] LessOrEqual =
    [
        "UUUUUUUUUUUU",
        "UTUUUUUUUUUU",
        "UUTTUUUUUUUU",
        "UUFTUUUUUUUU",
        "UUUUTTUUUUUU",
        "UUUUFTUUUUUU",
        "UUUUUUTTUUUU",
        "UUUUUUFTUUUU",
        "UUUUUUUUUUUU",
        "UUUUUUUUUUUU",
        "UUUUUUUUUUUU",
        "UUUUUUUUUUUU",
    ];

    private static readonly string[] And =
    [
        "UUFUUUUUUUUU",
        "UUFUUUUUUUUU",
        "FFFFFFFFFFFF",
        "UUFTUUUUUUUU",
        "UUFUUUUUUUUU",
        "UUFUUUUUUUUU",
        "UUFUUUUUUUUU",
        "UUFUUUUUUUUU",
        "UUFUUUUUUUUU",
        "UUFUUUUUUUUU",
        "UUFUUUUUUUUU",
        "UUFUUUUUUUUU",
    ];

    private static readonly string[] Or =
    [
        "UUUTUUUUUUUU",
        "UUUTUUUUUUUU",
        "UUFTUUUUUUUU",
        "TTTTTTTTTTTT",
        "UUUTUUUUUUUU",
        "UUUTUUUUUUUU",
        "UUUTUUUUUUUU",
        "UUUTUUUUUUUU",
        "UUUTUUUUUUUU",
        "UUUTUUUUUUUU",
        "UUUTUUUUUUUU",
        "UUUTUUUUUUUU",
    ];

    private readonly LocalCosmos _cosmos = new();

    public Task InitializeAsync() => _cosmos.CreateAsync("p", "1", more: new
    {
        nul = (string?)null,
        f = false,
        t = true,
        n1 = 1,
        n2 = 2,
        s1 = "1",
        s2 = "2",
        a1 = new[] { 1 },
        a2 = new[] { 2 },
        o1 = new { x = 1, y = new { z = 1 } },
        o2 = new { x = 1, y = new { z = 2 } },
    });

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _cosmos.Dispose();

    [Theory]
    [InlineData("{0} = {1}", nameof(Equal), false, false)]
    [InlineData("{0} != {1}", nameof(Equal), true, false)]
    [InlineData("{0} <> {1}", nameof(Equal), true, false)]
    [InlineData("{0} IN ({1})", nameof(Equal), false, false)]
    [InlineData("{0} NOT IN ({1})", nameof(Equal), true, false)]
    [InlineData("NOT ({0} = {1})", nameof(Equal), true, false)]
    [InlineData("{0} < {1}", nameof(Less), false, false)]
    [InlineData("{0} >= {1}", nameof(Less), true, false)]
    [InlineData("{0} > {1}", nameof(Less), false, true)]
    [InlineData("{0} <= {1}", nameof(LessOrEqual), false, false)]
    [InlineData("{0} AND {1}", nameof(And), false, false)]
    [InlineData("{0} OR {1}", nameof(Or), false, false)]
    [InlineData("NOT ({0} OR {1})", nameof(Or), true, false)]
    public async Task Operator_on_every_pair_of_types(string expression, string table, bool negated, bool swapped)
    {
        var expected = table switch { nameof(Equal) => Equal, nameof(Less) => Less, nameof(LessOrEqual) => LessOrEqual, nameof(And) => And, _ => Or };
        for (var row = 0; row < Operands.Length; row++)
        {
            var columns = Operands.Select((operand, i) => string.Format(null, "({0}) AS r{1}", string.Format(null, expression, Operands[row], operand), i));
            var result = await RowAsync($"SELECT {string.Join(", ", columns)} FROM c", Operands.Length);
            var wanted = swapped ? string.Concat(expected.Select(line => line[row])) : expected[row];
            if (negated)
                wanted = string.Concat(wanted.Select(c => c switch { 'T' => 'F', 'F' => 'T', _ => 'U' }));
            Assert.True(wanted == result, $"{Operands[row]}, {expression}: {result}, not {wanted}");
        }
    }

    [Theory]
    [InlineData("c.n1 BETWEEN 1 AND 2", 'T')]
    [InlineData("c.n1 BETWEEN 2 AND 3", 'F')]
    [InlineData("c.n1 BETWEEN 2 AND '3'", 'F')]
    [InlineData("c.n1 BETWEEN 1 AND '3'", 'U')]
    [InlineData("c.n1 NOT BETWEEN 1 AND '3'", 'U')]
    [InlineData("c.s1 BETWEEN '1' AND '2'", 'T')]
    [InlineData("c.u BETWEEN 1 AND 2", 'U')]
    [InlineData("c.a1 BETWEEN c.a1 AND c.a2", 'U')]
    [InlineData("c.n1 IN ('1', null, 1)", 'T')]
    [InlineData("c.n1 IN ('1', null, [1])", 'F')]
    [InlineData("c.n1 IN ('1', c.u)", 'U')]
    [InlineData("c.n1 IN (c.u, 1)", 'T')]
    [InlineData("c.u IN (1, 2)", 'U')]
    [InlineData("c.s1 LIKE '1%'", 'T')]
    [InlineData("c.s1 NOT LIKE '2%'", 'T')]
    [InlineData("c.n1 LIKE '1%'", 'U')]
    [InlineData("c.n1 NOT LIKE '1%'", 'U')]
    [InlineData("c.u LIKE '%'", 'U')]
    [InlineData("NOT c.n1", 'U')]
    [InlineData("NOT c.u", 'U')]
    [InlineData("c.o1 = c.o3", 'T')]
    [InlineData("c.a1 = [1.0]", 'T')]
    [InlineData("c.nul = c.nul", 'T')]
    public async Task Operator_with_constants(string expression, char expected)
    {
        // The same object with its properties the other way round.
        await _cosmos.Items.UpsertItemAsync(
            JObject.Parse("""{"id":"1","pk":"p","nul":null,"n1":1,"s1":"1","a1":[1],"a2":[2],"o1":{"x":1,"y":{"z":1}},"o3":{"y":{"z":1.0},"x":1.0}}"""), new PartitionKey("p"));
        Assert.Equal(expected.ToString(), await RowAsync($"SELECT ({expression}) AS r0 FROM c", 1));
    }

    [Fact]
    public async Task Groups_and_distinct_values_are_told_apart_by_type_and_value()
    {
        foreach (var (id, v) in new[] { "1", "1.0", "\"1\"", "true", "null", "[1]", "[1.0]", """{"x":1,"y":2}""", """{"y":2,"x":1.0}""", "0", "-0.0" }.Select((v, i) => (Invariant($"v{i}"), v)))
            await _cosmos.Items.CreateItemAsync(JObject.Parse($$"""{"id":"{{id}}","pk":"q","v":{{v}}}"""), new PartitionKey("q"));
        await _cosmos.CreateAsync("q", "undefined");

        var groups = await _cosmos.QueryAsync("SELECT c.v, COUNT(1) AS n FROM c GROUP BY c.v", "q");
        Assert.Equal("1 2 2 1 1 1 2 2", string.Join(' ', groups.Select(group => (int)group["n"]!)));
        Assert.Equal(7, (await _cosmos.QueryAsync("SELECT DISTINCT VALUE c.v FROM c", "q")).Count);
        var ordered = await _cosmos.IdsAsync("SELECT * FROM c ORDER BY c.v", "q");
        Assert.Equal("undefined v4 v3 v9 v10 v0 v1 v2 v5 v6 v7 v8", ordered);
        Assert.Equal("v8 v7 v6 v5 v2 v1 v0 v10 v9 v3 v4 undefined", await _cosmos.IdsAsync("SELECT * FROM c ORDER BY c.v DESC", "q"));
    }

    [Fact]
    public async Task Linq_compares_with_null_as_the_language_does()
    {
        await _cosmos.CreateAsync("l", "text", more: new { n = "x" });
        await _cosmos.CreateAsync("l", "number", more: new { n = 5 });
        await _cosmos.CreateAsync("l", "null", more: new { n = (string?)null });
        await _cosmos.CreateAsync("l", "missing");

        Assert.Equal("number text", await LinqAsync(item => item.n != null));
        Assert.Equal("null", await LinqAsync(item => item.n == null));
        Assert.Equal("number text", await LinqAsync(item => !(item.n == null)));
        Assert.Equal("null number", await LinqAsync(item => item.n != "x"));
        string?[] none = ["x", null];
        Assert.Equal("number", await LinqAsync(item => !none.Contains(item.n)));
        Assert.Equal("missing", await LinqAsync(item => !item.n.IsDefined()));
    }

    private async Task<string> LinqAsync(System.Linq.Expressions.Expression<Func<Row, bool>> where)
    {
        var options = new QueryRequestOptions { PartitionKey = new PartitionKey("l") };
        var query = _cosmos.Items.GetItemLinqQueryable<Row>(requestOptions: options).Where(where).Select(row => row.id);
        using var pages = query.ToFeedIterator();
        return string.Join(' ', (await pages.ReadNextAsync()).Order(StringComparer.Ordinal));
    }

    /// <summary>The columns r0, r1, … of the only row.</summary>
    private async Task<string> RowAsync(string query, int columns)
    {
        var row = Assert.Single(await _cosmos.QueryAsync(query, "p"));
        return string.Concat(Enumerable.Range(0, columns).Select(i => row[Invariant($"r{i}")] switch { null => 'U', { Type: JTokenType.Boolean } value => (bool)value ? 'T' : 'F', _ => '?' }));
    }

    private sealed record Row(string id, string? n);
}
