using System.Text;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;
using Pipeline.Local.Cosmos.Sql;

namespace Pipeline.Tests;

/// <summary>Random conditions, answered with the indexes and by looking at everything: the same documents.</summary>
public sealed class QueryIndexTests : IDisposable
{
    private static readonly string[] Ids = ["", "a", "a-1", "a-2", "ab", "b", "b-1", "m", "m\uffff", "z", "é", "\U0001F600"];
    private static readonly string[] Kinds = ["outbox", "state", "event"];
    private readonly LocalCosmos _cosmos = new();

    public void Dispose() => _cosmos.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Index_finds_what_a_scan_finds(int seed)
    {
        var random = new Random(seed);
        foreach (var pk in new[] { "p", "q", "r" })
        {
            foreach (var id in Ids.Skip(1))
            {
                JToken kind = random.Next(5) == 0 ? 7 : Kinds[random.Next(Kinds.Length)];
                var doc = LocalCosmos.Doc(pk, id);
                doc["kind"] = kind;
                doc["same"] = new JObject { ["id"] = id, ["pk"] = pk, ["kind"] = kind };
                await _cosmos.Items.CreateItemAsync(doc, new(pk));
            }
        }

        for (var i = 0; i < 150; i++)
        {
            var condition = Condition(random, 3);
            // The same values one level deeper, where no index reaches.
            var unindexed = condition.Replace("c.", "c.same.", StringComparison.Ordinal);
            foreach (var pk in new[] { null, "p" })
            {
                var expected = await KeysAsync(unindexed, pk, null);
                Assert.True(expected == await KeysAsync(condition, pk, 2), $"{condition} in {pk ?? "all partitions"}");
            }
        }
    }

    private async Task<string> KeysAsync(string condition, string? pk, int? pageSize)
    {
        var found = await _cosmos.QueryAsync($"SELECT c.pk, c.id FROM c WHERE {condition}", pk, pageSize);
        return string.Join(' ', found.Select(doc => $"{doc["pk"]}/{doc["id"]}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"e":null,"i":"a","r":1,"s":0,"t":1}""")]
    [InlineData("""{"e":"x","i":"a","r":1,"s":0,"t":1}""")]
    [InlineData("""{"e":"00","i":null,"r":1,"s":0,"t":1}""")]
    [InlineData("""{"e":"00","i":"a","r":-1,"s":0,"t":1}""")]
    [InlineData("""{"e":"00","i":"a","r":1,"s":-1,"t":1}""")]
    [InlineData("""{"e":"00","i":"a","r":1,"s":9223372036854775807,"t":1}""")]
    [InlineData("""{"e":"00","i":"a","r":1,"s":0,"t":-1}""")]
    [InlineData("""{"e":"00","i":"a","r":1,"s":0,"t":1,"k":[5]}""")]
    public void Continuation_token_that_no_page_had_is_400(string json) => Assert.Equal(
        400, Assert.Throws<CosmosFailure>(() => QueryPosition.Parse(Convert.ToBase64String(Encoding.UTF8.GetBytes(json)))).Status);

    private static string Condition(Random random, int depth)
    {
        string Id() => $"'{Ids[random.Next(Ids.Length)]}'";
        string Kind() => $"'{Kinds[random.Next(Kinds.Length)]}'";
        string[] operators = ["=", "<", "<=", ">", ">=", "!="];
        if (depth > 0 && random.Next(3) > 0)
        {
            var left = Condition(random, depth - 1);
            return random.Next(5) switch
            {
                0 or 1 => $"({left} AND {Condition(random, depth - 1)})",
                2 or 3 => $"({left} OR {Condition(random, depth - 1)})",
                _ => $"NOT ({left})",
            };
        }

        return random.Next(11) switch
        {
            0 or 1 => $"c.id {operators[random.Next(operators.Length)]} {Id()}",
            2 => $"{Id()} {operators[random.Next(operators.Length)]} c.id",
            3 => $"c.id IN ({Id()}, {Id()}, {(random.Next(2) == 0 ? "5" : Id())})",
            4 => $"c.id BETWEEN {Id()} AND {Id()}",
            5 => $"STARTSWITH(c.id, {Id()})",
            6 => $"ARRAY_CONTAINS([{Id()}, {Id()}], c.id)",
            7 => $"c.kind = {(random.Next(4) == 0 ? "7" : Kind())}",
            8 => $"c.kind IN ({Kind()}, {(random.Next(3) == 0 ? "7" : Kind())})",
            9 => $"c.pk = '{"pqrs"[random.Next(4)]}'",
            _ => $"c.pk IN ('p', '{"qr"[random.Next(2)]}')",
        };
    }
}
