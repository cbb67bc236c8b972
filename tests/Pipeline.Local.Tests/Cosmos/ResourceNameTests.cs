using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests;

/// <summary>Ids and names are either usable, in every way and by every client, or refused with 400 and the reason.</summary>
public sealed class ResourceNameTests : IDisposable
{
    private static readonly PartitionKey P = new("p");

    /// <summary>What names are made of here: everything that URLs, headers or JSON treat in a way of their own.</summary>
    private static readonly string[] _pieces =
    [
        "a", "Z", "9", ".", "..", "...", " ", "  ", "\t", "\n", "\r", "\0", "\u0001", "\u001f", "\u007f", "\u0085", "%", "%2", "%20", "%2e", "%2E%2e", "%2F", "%5C", "%25", "%zz",
        "+", "-", "_", "~", "!", "*", "'", "\"", "(", ")", ";", ":", "@", "&", "=", "$", ",", "[", "]", "{", "}", "|", "<", ">", "^", "`", "/", "\\", "?", "#",
        "é", "e\u0301", "ﬁ", "İ", "\u1100\u1161", "가", "\u00a0", "\u2003", "\u200b", "\u202e", "\ufeff", "\ufffe", "😀", "中", "\u0645",
    ];

    private static readonly string[] _reasons = ["cannot be used: it ", "missing or empty", "longer than 1023 bytes"];

    private readonly LocalCosmos _cosmos = new();

    public void Dispose() => _cosmos.Dispose();

    public static TheoryData<int> Seeds { get; } = [.. Enumerable.Range(1, 4)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Id_that_is_accepted_can_be_used_in_every_way_and_any_other_is_400(int seed)
    {
        await using var raw = await RawCosmos.StartAsync(_cosmos);
        var ids = IdsOf(new Random(seed), 60).ToList();
        var (accepted, refused) = (0, 0);
        foreach (var id in ids)
        {
            var created = await TryAsync(() => _cosmos.Items.CreateItemAsync(Doc("p", id), P));
            Assert.True(created is HttpStatusCode.Created or HttpStatusCode.BadRequest, $"{Show(id)}: {created}");
            if (created == HttpStatusCode.BadRequest)
            {
                refused++;
                await IsRefusedEverywhereAsync(raw, id);
                continue;
            }

            accepted++;
            await IsUsableAsync(id);
            await IsUsableOverTheWireAsync(raw, id);
        }

        Assert.True(accepted > 10 && refused > 10, Invariant($"{accepted} accepted, {refused} refused"));
        Assert.Empty(await _cosmos.QueryAsync("SELECT * FROM c"));
        Assert.Equal("items", (await _cosmos.Items.ReadContainerAsync()).Resource.Id);
    }

    [Theory]
    [InlineData("..", "dot segment")]
    [InlineData(".", "dot segment")]
    [InlineData("a ", "blank")]
    [InlineData("..  ", "blank")]
    [InlineData("\u00a0\u2003", "blanks only")]
    [InlineData("a\t", "control character")]
    [InlineData("a\nb", "control character")]
    [InlineData("a\u0085", "control character")]
    [InlineData("%2e%2e", "percent sign")]
    [InlineData("a%20", "percent sign")]
    [InlineData("a/b", "illegal chars")]
    [InlineData("a\\b", "illegal chars")]
    [InlineData("", "missing or empty")]
    public async Task Name_that_cannot_be_used_is_refused_with_the_reason_as_id_database_and_container(string name, string reason)
    {
        foreach (var write in new Func<Task>[]
        {
            () => _cosmos.Items.CreateItemAsync(Doc("p", name), P),
            () => _cosmos.Items.UpsertItemAsync(Doc("p", name), P),
        })
        {
            var failure = await Assert.ThrowsAsync<CosmosException>(write);
            Assert.Equal(HttpStatusCode.BadRequest, failure.StatusCode);
            Assert.Contains(reason, failure.ResponseBody, StringComparison.Ordinal);
        }

        using var batch = await _cosmos.Items.CreateTransactionalBatch(P).CreateItem(Doc("p", name)).ExecuteAsync();
        Assert.Equal(HttpStatusCode.BadRequest, batch.StatusCode);

        await using var raw = await RawCosmos.StartAsync(_cosmos);
        var json = JsonSerializer.Serialize(new { id = name, partitionKey = new { paths = new[] { "/pk" } } });
        foreach (var (target, signed) in new[] { ("/dbs", ("dbs", "")), ("/dbs/db/colls", ("colls", "dbs/db")) })
        {
            var (status, body) = await raw.SendAsync("POST", target, signed, json);
            Assert.Equal(400, status);
            Assert.Contains(reason, body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(" a")]
    [InlineData("a b")]
    [InlineData("é")]
    [InlineData("50%")]
    [InlineData("...")]
    [InlineData("a+b,c;d:e=f@g&h'i\"")]
    public async Task Database_and_container_with_odd_names_can_be_used(string name)
    {
        var database = (await _cosmos.Client.CreateDatabaseAsync(name)).Database;
        var container = (await database.CreateContainerAsync(name, "/pk")).Container;
        await container.CreateItemAsync(Doc("p", name), P);
        Assert.Equal(name, (string?)(await container.ReadItemAsync<JObject>(name, P)).Resource["id"]);
        Assert.Equal(name, (await container.ReadContainerAsync()).Resource.Id);
        await container.DeleteContainerAsync();
        await database.DeleteAsync();
        Assert.Equal(HttpStatusCode.NotFound, await TryAsync(() => database.ReadAsync()));
    }

    private static IEnumerable<string> IdsOf(Random random, int count)
    {
        foreach (var piece in _pieces)
        {
            yield return piece;
            yield return "a" + piece;
            yield return piece + "a";
        }

        for (var i = 0; i < count; i++)
            yield return string.Concat(Enumerable.Range(0, random.Next(2, 6)).Select(_ => _pieces[random.Next(_pieces.Length)]));
        yield return new string('x', 1023);
        yield return new string('x', 1024);
        yield return string.Concat(Enumerable.Repeat("中", 341));
        yield return string.Concat(Enumerable.Repeat("中", 342));
    }

    private async Task IsUsableAsync(string id)
    {
        var items = _cosmos.Items;
        Assert.Equal(id, (string?)(await items.ReadItemAsync<JObject>(id, P)).Resource["id"]);
        await items.ReplaceItemAsync(Doc("p", id, more: new { n = 1 }), id, P);
        var patched = await items.PatchItemAsync<JObject>(id, P, [PatchOperation.Increment("/n", 1)]);
        Assert.Equal(2, (int)patched.Resource["n"]!);
        var found = await _cosmos.QueryAsync("SELECT * FROM c WHERE c.id = @id", "p", null, ("@id", id));
        Assert.Equal(id, (string?)Assert.Single(found)["id"]);
        Assert.Single((await items.ReadManyItemsAsync<JObject>([(id, P), ("other", P)])).Resource);
        using (var batch = await items.CreateTransactionalBatch(P).ReadItem(id).DeleteItem(id).CreateItem(Doc("p", id)).ExecuteAsync())
            Assert.True(batch.IsSuccessStatusCode, Show(id));
        await items.DeleteItemAsync<JObject>(id, P);
        Assert.Equal(HttpStatusCode.NotFound, await TryAsync(() => items.ReadItemAsync<JObject>(id, P)));
    }

    private static async Task IsUsableOverTheWireAsync(RawCosmos raw, string id)
    {
        (string, string) key = ("x-ms-documentdb-partitionkey", "[\"p\"]");
        var json = JsonSerializer.Serialize(new { id, pk = "p", n = 1 });
        var target = "/dbs/db/colls/items/docs/" + string.Concat(Encoding.UTF8.GetBytes(id).Select(b => $"%{b:X2}"));
        var item = ("docs", "dbs/db/colls/items/docs/" + id);
        Assert.Equal(201, (await raw.SendAsync("POST", "/dbs/db/colls/items/docs", ("docs", "dbs/db/colls/items"), json, key)).Status);
        Assert.Equal(200, (await raw.SendAsync("PUT", target, item, json, key)).Status);
        Assert.Equal(200, (await raw.SendAsync("PATCH", target, item, """[{"op":"incr","path":"/n","value":1}]""", key)).Status);
        var (status, body) = await raw.SendAsync("GET", target, item, null, key);
        Assert.Equal((200, id), (status, JsonDocument.Parse(body).RootElement.GetProperty("id").GetString()));
        Assert.Equal(204, (await raw.SendAsync("DELETE", target, item, null, key)).Status);
    }

    private async Task IsRefusedEverywhereAsync(RawCosmos raw, string id)
    {
        var (status, body) = await raw.SendAsync(
            "POST", "/dbs/db/colls/items/docs", ("docs", "dbs/db/colls/items"), JsonSerializer.Serialize(new { id, pk = "p" }), ("x-ms-documentdb-partitionkey", "[\"p\"]"));
        Assert.Equal(400, status);
        Assert.Contains(_reasons, reason => body.Contains(reason, StringComparison.Ordinal));

        // Whatever a client makes of it on the way, nothing is found and nothing is lost.
        foreach (var attempt in new Func<Task>[]
        {
            () => _cosmos.Items.ReadItemAsync<JObject>(id, P),
            () => _cosmos.Items.DeleteItemAsync<JObject>(id, P),
            () => _cosmos.Items.PatchItemAsync<JObject>(id, P, [PatchOperation.Set("/n", 1)]),
        })
        {
            var outcome = await TryAsync(attempt);
            Assert.True(outcome is null or HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.NotFound or HttpStatusCode.NotImplemented, $"{Show(id)}: {outcome}");
        }
    }

    /// <summary>The status; null: the client itself refuses it.</summary>
    private static async Task<HttpStatusCode?> TryAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call() is Response<JObject> response ? response.StatusCode : HttpStatusCode.OK;
        }
        catch (CosmosException e)
        {
            return e.StatusCode;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static async Task<HttpStatusCode?> TryAsync(Func<Task> call) => await TryAsync<object?>(async () =>
    {
        await call();
        return null;
    });

    private static string Show(string id) => string.Concat(id.Select(c => c is > ' ' and <= '~' ? c.ToString() : $"\\u{(int)c:x4}"));
}
