using System.Net;
using System.Text;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging.Abstractions;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests;

/// <summary>A journal of an earlier version opens, whatever it holds that is refused now.</summary>
public sealed class OldJournalTests : IDisposable
{
    private static readonly PartitionKey P = new("p");
    private readonly string _directory = Directory.CreateTempSubdirectory("cosmos").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Items_that_not_every_client_can_read_are_repaired_once_and_keep_their_etag()
    {
        var old = Write(
            """{"id":"surrogate","pk":"p","v":"a\ud800","n":1""",
            """{"id":"name","pk":"p","o":{"\udc00n":1},"n":2""",
            """{"id":"number","pk":"p","v":1e400,"w":[-1e999],"n":3""",
            """{"id":"twice","pk":"p","v":1,"v":2,"o":{"a":1,"a":{"b":1}},"n":4""",
            """{"id":"right","pk":"p","v":1.50,"n":5""");
        for (var round = 0; round < 2; round++)
        {
            using var cosmos = new LocalCosmos(_directory);
            Assert.Equal("a\ufffd", (string?)(await cosmos.Items.ReadItemAsync<JObject>("surrogate", P)).Resource["v"]);
            Assert.Equal(1, (int)(await cosmos.Items.ReadItemAsync<JObject>("name", P)).Resource["o"]!["\ufffdn"]!);
            Assert.Equal(double.MaxValue, (double)(await cosmos.Items.ReadItemAsync<JObject>("number", P)).Resource["v"]!);
            var twice = (await cosmos.Items.ReadItemAsync<JObject>("twice", P)).Resource;
            Assert.Equal((2, 1), ((int)twice["v"]!, (int)twice["o"]!["a"]!["b"]!));
            Assert.Equal(old, (await cosmos.QueryAsync("SELECT c.id, c._etag, c._rid, c._ts FROM c ORDER BY c.n")).Select(item => item.ToString()));
            Assert.Equal(4, (int)(await cosmos.QueryAsync("SELECT VALUE COUNT(c.v) FROM c")).Single());
            Assert.Equal(4, (await cosmos.QueryAsync("SELECT DISTINCT VALUE c.v FROM c")).Count);
            Assert.Equal(4, (await cosmos.QueryAsync("SELECT * FROM c WHERE IS_DEFINED(c.v) ORDER BY c.v")).Count);
            Assert.Equal(15, (int)(await cosmos.QueryAsync("SELECT VALUE SUM(c.n) FROM c")).Single());
            foreach (var id in new[] { "surrogate", "name", "number", "twice", "right" })
            {
                using var patched = await cosmos.Items.PatchItemStreamAsync(id, P, [PatchOperation.Set("/m", 1)], new PatchItemRequestOptions { FilterPredicate = "FROM c WHERE c.m = 1" });
                Assert.Equal(HttpStatusCode.PreconditionFailed, patched.StatusCode);
            }

            var feed = cosmos.Items.GetChangeFeedIterator<JObject>(ChangeFeedStartFrom.Beginning(), ChangeFeedMode.Incremental);
            Assert.Equal(5, (await feed.ReadNextAsync()).Count);
        }

        var journal = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(_directory, "cosmos.journal")));
        Assert.Equal(2, journal.Split("\"id\":\"twice\"").Length - 1);
    }

    [Fact]
    public async Task Items_whose_ids_are_refused_now_are_found_by_queries_and_deleted_in_a_batch()
    {
        string[] ids = ["..", ".", "a ", "a\t", "%2e", "b%20"];
        Write([.. ids.Select((id, n) => $$"""{"id":{{JValue.CreateString(id).ToString(Newtonsoft.Json.Formatting.None)}},"pk":"p","n":{{n.ToString(CultureInfo.InvariantCulture)}}""")]);
        using var cosmos = new LocalCosmos(_directory);
        Assert.Equal(ids.Order(StringComparer.Ordinal), (await cosmos.QueryAsync("SELECT VALUE c.id FROM c ORDER BY c.id")).Select(id => (string)id!));
        foreach (var id in ids)
        {
            using var batch = await cosmos.Items.CreateTransactionalBatch(P).ReadItem(id).DeleteItem(id).ExecuteAsync();
            Assert.True(batch.IsSuccessStatusCode, id);
        }

        Assert.Empty(await cosmos.QueryAsync("SELECT * FROM c"));
    }

    /// <summary>
    /// As earlier versions wrote them: nothing was checked, and the journal does not say that it was. Each item takes the
    /// place of one that is all right.
    /// </summary>
    private List<string> Write(params string[] contents)
    {
        var path = Path.Combine(_directory, "cosmos.journal");
        List<string> items;
        using (var cosmos = new LocalCosmos(_directory))
        {
            for (var n = 0; n < contents.Length; n++)
                cosmos.CreateAsync("p", Invariant($"item{n}"), more: new { n }).GetAwaiter().GetResult();
            items = [.. cosmos.QueryAsync("SELECT c.id, c._etag, c._rid, c._ts FROM c ORDER BY c.n").GetAwaiter().GetResult().Select(item => item.ToString())];
        }

        var records = new List<byte[]>();
        using (Local.Journal.Journal.Open(path, record => records.Add(record.ToArray()), NullLogger.Instance))
        {
        }

        File.Delete(path);
        using var journal = Local.Journal.Journal.Open(path, _ => { }, NullLogger.Instance);
        var next = 0;
        foreach (var record in records)
        {
            // 8 is the record that says that everything was checked, 5 a transaction; it ends with the document.
            if (record[0] == 8)
                continue;
            journal.Append(record[0] == 5 ? WithContent(record, contents[next++]) : record);
        }

        Assert.Equal(contents.Length, next);
        return [.. items.Select((item, n) => item.Replace(Invariant($"item{n}"), (string)JObject.Parse(contents[n] + "}")["id"]!, StringComparison.Ordinal))];
    }

    private static byte[] WithContent(byte[] record, string content)
    {
        var text = record.AsSpan();
        var start = text.LastIndexOf("{\"n\":"u8);
        var tail = text[text.LastIndexOf(",\"_rid\""u8)..].ToArray();
        var json = (byte[])[.. Encoding.UTF8.GetBytes(content), .. tail];
        var head = text[..start].ToArray();
        BitConverter.TryWriteBytes(head.AsSpan(start - 8), Encoding.UTF8.GetByteCount(content));
        BitConverter.TryWriteBytes(head.AsSpan(start - 4), json.Length);
        return [.. head, .. json];
    }
}
