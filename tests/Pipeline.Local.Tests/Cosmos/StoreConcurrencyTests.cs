using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;
using Pipeline.Local.Cosmos.Sql;
using Pipeline.Local.Testing;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests;

/// <summary>Readers and writers at the same time, with next to nothing in memory.</summary>
public sealed class StoreConcurrencyTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cosmos").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Readers_see_whole_documents_while_others_write_and_the_journal_is_compacted()
    {
        const int Rounds = 1500;
        using var store = new IndexedStore(_directory, new ManualTimeProvider(), bodyCacheBytes: 0, compactionMinimumBytes: 50_000);
        store.Index.File.LimitCache(16);
        var isWriting = true;
        var writers = Enumerable.Range(0, 2).Select(writer => Task.Run(() =>
        {
            var random = new Random(writer);
            for (var i = 0; i < Rounds; i++)
            {
                // Both documents of a pair are always written together, with the same number.
                var pk = Invariant($"p{random.Next(5)}");
                store.Write(pk, store.Upsert(pk, "a", i, "event"), store.Upsert(pk, "b", i, "state"));
            }
        })).ToList();
        var readers = Enumerable.Range(0, 2).Select(reader => Task.Run(() =>
        {
            var (random, reads) = (new Random(reader), 0);
            while (Volatile.Read(ref isWriting) || reads < 10)
            {
                var pk = Invariant($"p{random.Next(5)}");
                try
                {
                    var found = store.Look(() => store.Index.Range(store.PartitionOf(pk), IndexedStore.AllIds, descending: false, 10));
                    Assert.Single(found.Select(IndexedStore.NumberIn).Distinct().DefaultIfEmpty(-1));
                    store.Query("SELECT * FROM c WHERE c.n >= 0 ORDER BY c.n");
                    ChangeFeed.Read(new QueryScope(store.Store, store.Container, null, RingRange.All), 0, 100).Documents?.Dispose();
                    reads++;
                }
                catch (CosmosFailure failure) when (failure.Status == 503)
                {
                    Assert.Contains("former version is gone", failure.Message, StringComparison.Ordinal);
                }
            }
        })).ToList();
        await Task.WhenAll(writers);
        Volatile.Write(ref isWriting, false);
        await Task.WhenAll(readers);
        Assert.NotEqual(0, store.Index.Bodies.Generation);
    }

    [Fact]
    public async Task Endpoint_that_closes_while_requests_run_answers_them_or_503()
    {
        for (var round = 0; round < 2; round++)
        {
            var cosmos = CosmosEndpoint.Open(_directory, TimeProvider.System, NullLogger.Instance, bodyCacheBytes: 0);
            cosmos.EnsureContainer("db", "items");
            using var http = new HttpClient(cosmos.CreateHandler()) { BaseAddress = new Uri("http://localhost/") };
            var statuses = new ConcurrentDictionary<HttpStatusCode, string>();
            var answers = 0;
            var clients = Enumerable.Range(0, 6).Select(client => Task.Run(async () =>
            {
                for (var i = 0; !statuses.ContainsKey(HttpStatusCode.ServiceUnavailable) || i < 20; i++)
                {
                    using var response = await SendAsync(http, client, i);
                    var text = await response.Content.ReadAsStringAsync();
                    statuses.TryAdd(response.StatusCode, text);
                    Interlocked.Increment(ref answers);
                }
            })).ToList();
            await UntilAsync(() => Volatile.Read(ref answers) > 100, "100 answers");
            cosmos.Dispose();
            await Task.WhenAll(clients).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.False(statuses.TryGetValue(HttpStatusCode.InternalServerError, out var defect), defect);
            cosmos.Dispose();
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, int client, int number)
    {
        var isQuery = client % 3 == 1;
        using var request = new HttpRequestMessage(client % 3 == 2 ? HttpMethod.Get : HttpMethod.Post, "dbs/db/colls/items/docs");
        if (client % 3 != 2)
        {
            var json = isQuery ? new JObject { ["query"] = "SELECT * FROM c WHERE c.n > 5 ORDER BY c.n DESC" } : Doc("p", Invariant($"{client}-{number % 300}"), "event", new { n = number });
            request.Content = new StringContent(json.ToString());
            request.Content.Headers.ContentType = new(isQuery ? "application/query+json" : "application/json");
        }

        if (isQuery)
            request.Headers.Add("x-ms-documentdb-isquery", "True");
        else if (client % 3 == 0)
            request.Headers.Add("x-ms-documentdb-is-upsert", "True");
        if (client % 3 == 0)
            request.Headers.Add("x-ms-documentdb-partitionkey", "[\"p\"]");
        else if (client % 3 == 2)
            request.Headers.Add("A-IM", "Incremental feed");
        return await http.SendAsync(request.Signed("docs", "dbs/db/colls/items"));
    }
}
