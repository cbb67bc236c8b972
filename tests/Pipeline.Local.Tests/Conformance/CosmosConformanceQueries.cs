using Microsoft.Azure.Cosmos;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests.Conformance;

/// <summary>Queries over a container with several physical partitions, merged by the client.</summary>
public sealed class CosmosConformanceQueries
{
    private const int Count = 60;
    private static readonly string[] Cities = ["Aachen", "Bonn", "Celle", "Dresden"];

    public static TheoryData<string> Targets => CosmosAccount.Targets;

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Aggregates_over_all_partitions(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await FilledAsync(account);

        await ExpectAsync(items, "SELECT VALUE COUNT(1) FROM c", "60");
        await ExpectAsync(items, "SELECT VALUE COUNT(c.even) FROM c", "30");
        await ExpectAsync(items, "SELECT VALUE SUM(c.n) FROM c", "1770.0");
        await ExpectAsync(items, "SELECT VALUE AVG(c.n) FROM c", "29.5");
        await ExpectAsync(items, "SELECT VALUE MIN(c.n) FROM c WHERE c.n > 5", "6");
        await ExpectAsync(items, "SELECT VALUE MAX(c.city) FROM c", "\"Dresden\"");
        await ExpectAsync(items, "SELECT COUNT(1) AS n, SUM(c.n) AS s, MIN(c.n) AS a, MAX(c.n) AS z FROM c WHERE c.n < 10", """{"n":10,"s":45,"a":0,"z":9}""");
        await ExpectAsync(items, "SELECT VALUE COUNT(1) FROM c WHERE c.n > 1000", "0");
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task A_sum_over_what_is_no_number_is_undefined(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await FilledAsync(account);

        await ExpectAsync(items, "SELECT VALUE SUM(c.city) FROM c");
        await ExpectAsync(items, "SELECT VALUE AVG(c.city) FROM c");
        await ExpectAsync(items, "SELECT VALUE AVG(c.nope) FROM c");
        await ExpectAsync(items, "SELECT COUNT(1) AS n, SUM(c.city) AS s FROM c", """{"n":60}""");
        // Null is in front of all numbers.
        await items.CreateItemAsync(new { id = "null", pk = "p1", n = (int?)null }, new PartitionKey("p1"));
        await ExpectAsync(items, "SELECT VALUE MIN(c.n) FROM c", "null");
        await ExpectAsync(items, "SELECT VALUE SUM(c.n) FROM c");
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Groups_over_all_partitions(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await FilledAsync(account);

        await ExpectUnorderedAsync(items, "SELECT c.city, COUNT(1) AS n, MAX(c.n) AS high FROM c GROUP BY c.city",
            Enumerable.Range(0, 4).Select(i => Invariant($$"""{"city":"{{Cities[i]}}","n":15,"high":{{56 + i}}}""")));
        await ExpectUnorderedAsync(items, "SELECT VALUE COUNT(1) FROM c GROUP BY c.city", ["15", "15", "15", "15"]);
        await ExpectUnorderedAsync(items, "SELECT VALUE c.city FROM c GROUP BY c.city", Cities.Select(city => $"\"{city}\""));
        // Those without the property are a group of their own.
        await ExpectUnorderedAsync(items, "SELECT c.even, AVG(c.n) AS mean FROM c GROUP BY c.even",
            ["""{"mean":30}""", """{"even":true,"mean":29}"""]);
        await ExpectUnorderedAsync(items, "SELECT c.city, c.even, COUNT(1) AS n FROM c WHERE c.n < 4 GROUP BY c.city, c.even",
            ["""{"city":"Aachen","even":true,"n":1}""", """{"city":"Bonn","n":1}""", """{"city":"Celle","even":true,"n":1}""", """{"city":"Dresden","n":1}"""]);
        await ExpectUnorderedAsync(items, "SELECT DISTINCT VALUE c.city FROM c", Cities.Select(city => $"\"{city}\""));
        await ExpectUnorderedAsync(items, "SELECT DISTINCT c.city, c.even FROM c WHERE c.n < 40",
            ["""{"city":"Aachen","even":true}""", """{"city":"Bonn"}""", """{"city":"Celle","even":true}""", """{"city":"Dresden"}"""]);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Order_and_windows_over_all_partitions(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await FilledAsync(account);

        foreach (var pageSize in new int?[] { null, 1, 7 })
        {
            await ExpectAsync(items, "SELECT VALUE c.n FROM c ORDER BY c.n", pageSize, Enumerable.Range(0, Count));
            await ExpectAsync(items, "SELECT VALUE c.n FROM c ORDER BY c.n DESC", pageSize, Enumerable.Range(0, Count).Reverse());
            await ExpectAsync(items, "SELECT VALUE c.n FROM c WHERE c.n >= 50 ORDER BY c.n OFFSET 2 LIMIT 3", pageSize, [52, 53, 54]);
            await ExpectAsync(items, "SELECT TOP 5 VALUE c.n FROM c ORDER BY c.n DESC", pageSize, [59, 58, 57, 56, 55]);
            Assert.Equal(4, (await CosmosAccount.QueryAsync(items, "SELECT TOP 4 * FROM c", pageSize: pageSize)).Count);
            Assert.Equal(5, (await CosmosAccount.QueryAsync(items, "SELECT * FROM c OFFSET 57 LIMIT 5", pageSize: pageSize)).Count + 2);
            Assert.Equal(Count, (await CosmosAccount.QueryAsync(items, "SELECT * FROM c", pageSize: pageSize)).DistinctBy(d => (string)d["id"]!).Count());
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task An_ordered_query_goes_on_from_its_continuation(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await FilledAsync(account);

        foreach (var query in new[] { "SELECT * FROM c ORDER BY c.city", "SELECT * FROM c ORDER BY c.city DESC", "SELECT * FROM c ORDER BY c.n", "SELECT * FROM c" })
        {
            var seen = new List<JToken>();
            string? token = null;
            do
            {
                // A new iterator for each page, as an HTTP API that hands the token to its caller has it.
                using var pages = items.GetItemQueryIterator<JToken>(query, token, new QueryRequestOptions { MaxItemCount = 7 });
                var page = await pages.ReadNextAsync();
                seen.AddRange(page);
                token = page.ContinuationToken;
                Assert.True(seen.Count <= Count, $"{query} does not end: {token}");
            }
            while (token is not null);
            Assert.Equal(Count, seen.Count);
            Assert.Equal(Count, seen.DistinctBy(d => (string)d["id"]!).Count());
            if (query.Contains("city", StringComparison.Ordinal))
            {
                var cities = seen.Select(d => (string)d["city"]!).ToList();
                Assert.Equal(query.EndsWith("DESC", StringComparison.Ordinal) ? cities.OrderDescending() : cities.Order(), cities);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task One_partition_key_is_asked_as_one(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await FilledAsync(account);
        var p3 = new PartitionKey("p3");

        Assert.Equal("6", Json(Assert.Single(await CosmosAccount.QueryAsync(items, "SELECT VALUE COUNT(1) FROM c", p3))));
        Assert.Equal("[3,13,23,33,43,53]", Json(new JArray(await CosmosAccount.QueryAsync(items, "SELECT VALUE c.n FROM c ORDER BY c.n", p3, 2))));
        Assert.Equal(4, (await CosmosAccount.QueryAsync(items, "SELECT c.city, COUNT(1) AS n FROM c WHERE c.pk IN ('p0', 'p1') GROUP BY c.city")).Count);
        var many = await items.ReadManyItemsAsync<JToken>([.. Enumerable.Range(0, 20).Select(n => (Invariant($"i{n}"), new PartitionKey(Invariant($"p{n % 10}"))))]);
        Assert.Equal(20, many.Count);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Distinct_values_in_order_and_windows_over_all_partitions(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await FilledAsync(account);

        await ExpectAsync(items, "SELECT DISTINCT VALUE c.city FROM c ORDER BY c.city DESC", [.. Cities.Reverse().Select(city => $"\"{city}\"")]);
        await ExpectAsync(items, "SELECT DISTINCT VALUE c.city FROM c ORDER BY c.city OFFSET 1 LIMIT 2", "\"Bonn\"", "\"Celle\"");
        foreach (var pageSize in new int?[] { null, 1, 7 })
        {
            Assert.Equal(3, (await CosmosAccount.QueryAsync(items, "SELECT DISTINCT TOP 3 VALUE c.city FROM c", pageSize: pageSize)).Distinct().Count());
            Assert.Equal(Count * 2, (await CosmosAccount.QueryAsync(items, "SELECT VALUE x FROM c JOIN x IN [c.n, c.n + 1000]", pageSize: pageSize)).Distinct().Count());
        }

        await ExpectAsync(items, "SELECT VALUE c.n FROM c WHERE EXISTS(SELECT VALUE x FROM x IN [c.n] WHERE x = 5)", "5");
        await ExpectAsync(items, "SELECT VALUE {n: c.n, label: CONCAT(c.city, '!'), even: c.even ?? false} FROM c WHERE c.n = 3", """{"n":3,"label":"Dresden!","even":false}""");
        await ExpectAsync(items, "SELECT VALUE COUNT(1) FROM c WHERE c.even != null", "30");
    }

    private static async Task<Container> FilledAsync(CosmosAccount account)
    {
        var items = await account.ContainerAsync();
        for (var n = 0; n < Count; n++)
        {
            var item = new JObject { ["id"] = Invariant($"i{n}"), ["pk"] = Invariant($"p{n % 10}"), ["n"] = n, ["city"] = Cities[n % 4] };
            if (n % 2 == 0)
                item["even"] = true;
            await items.CreateItemAsync(item, new PartitionKey(Invariant($"p{n % 10}")));
        }

        return items;
    }

    private static async Task ExpectAsync(Container items, string query, params string[] expected)
    {
        var found = (await CosmosAccount.QueryAsync(items, query)).Select(Canonical);
        Assert.Equal(expected.Select(Canonical), found);
    }

    private static async Task ExpectAsync(Container items, string query, int? pageSize, IEnumerable<int> expected) =>
        Assert.Equal(expected, (await CosmosAccount.QueryAsync(items, query, pageSize: pageSize)).Select(n => (int)n));

    private static async Task ExpectUnorderedAsync(Container items, string query, IEnumerable<string> expected) =>
        Assert.Equal(expected.Select(Canonical).Order(StringComparer.Ordinal), (await CosmosAccount.QueryAsync(items, query)).Select(Canonical).Order(StringComparer.Ordinal));

    private static string Canonical(string json) => Canonical(JToken.Parse(json));

    /// <summary>Properties by name, whole numbers without a point.</summary>
    private static string Canonical(JToken token) => token switch
    {
        JObject item => "{" + string.Join(',', item.Properties().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}:{Canonical(p.Value)}")) + "}",
        { Type: JTokenType.Float or JTokenType.Integer } => Json(new JValue((double)token)),
        _ => Json(token),
    };

    private static string Json(JToken token) => token.ToString(Formatting.None);
}
