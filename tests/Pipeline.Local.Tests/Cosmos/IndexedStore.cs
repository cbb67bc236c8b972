using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.Cosmos;
using Pipeline.Local.Cosmos.Sql;
using Pipeline.Local.Testing;

namespace Pipeline.Tests;

/// <summary>A store with one container, without endpoint and client.</summary>
internal sealed class IndexedStore : IDisposable
{
    public static readonly KeyRange AllIds = new("", LowIncluded: true, null, HighIncluded: false);

    public IndexedStore(string? directory, ManualTimeProvider clock, long bodyCacheBytes = 0, long compactionMinimumBytes = long.MaxValue)
    {
        Clock = clock;
        Store = new DocumentStore(directory is null ? null : Path.Combine(directory, "cosmos.journal"), clock, NullLogger.Instance, bodyCacheBytes)
        {
            CompactionMinimumBytes = compactionMinimumBytes,
        };
        var database = Store.CreateDatabase("db").Database;
        Container = Store.CreateContainer(database, "items", new ContainerDefinition(["/pk"]), defaultTimeToLiveSeconds: -1).Container;
    }

    public ManualTimeProvider Clock { get; }
    public DocumentStore Store { get; }
    public StoredContainer Container { get; }
    public DocumentIndex Index => Store.Index;

    public long NowSeconds => Clock.GetUtcNow().ToUnixTimeSeconds();

    public void Dispose() => Store.Dispose();

    public Partition PartitionOf(string pk) => new(Container, PartitionKeyValue.Of(pk));

    public static int NumberIn(StoredDocument document)
    {
        using var json = JsonDocument.Parse(document.Json);
        return json.RootElement.GetProperty("n").GetInt32();
    }

    public ItemOperation Upsert(string pk, string id, int n = 0, string? kind = null, int? ttl = null)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object?> { ["id"] = id, ["pk"] = pk, ["n"] = n, ["kind"] = kind, ["ttl"] = ttl });
        return new() { Kind = ItemOperationKind.Upsert, Id = id, Content = ItemContent.Parse(json, Container.Definition) };
    }

    public static ItemOperation Delete(string id) => new() { Kind = ItemOperationKind.Delete, Id = id };

    public void Write(string pk, params ItemOperation[] operations)
    {
        var results = new ItemResult[operations.Length];
        Store.Execute(Container, PartitionKeyValue.Of(pk), operations, results);
        Assert.All(results, result => Assert.True(result.IsSuccess, result.Message));
    }

    /// <summary>Takes the lock, as everyone does who looks into the index; what has expired leaves.</summary>
    public T Look<T>(Func<T> look)
    {
        lock (Store.Gate)
        {
            Store.Enter(Container);
            return look();
        }
    }

    /// <summary>The changes of a partition.</summary>
    public List<StoredDocument> Changes(string pk, long after) =>
        Look(() => Index.Changes(PartitionOf(pk), after).Where(document => document.Partition.EffectiveKey == PartitionOf(pk).EffectiveKey).ToList());

    /// <summary>Where a change feed begins that starts at a time.</summary>
    public long FeedStart(long seconds) => ChangeFeed.Start(
        new QueryScope(Store, Container, null, RingRange.All), null, DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("r", CultureInfo.InvariantCulture));

    /// <summary>The ids that a query finds, in its order.</summary>
    public string Query(string sql, string? pk = null)
    {
        var query = SqlQuery.Parse(sql);
        var ids = new List<string>();
        for (string? continuation = null; ;)
        {
            var scope = new QueryScope(Store, Container, pk is null ? null : PartitionKeyValue.Of(pk), RingRange.All);
            using var execution = new QueryExecution(query, [], scope, continuation, maxItems: 100);
            var page = execution.Run();
            continuation = page.Continuation;
            using var json = JsonDocument.Parse(Encoding.UTF8.GetString(page.Finish().Span));
            ids.AddRange(json.RootElement.GetProperty("Documents").EnumerateArray().Select(d => d.GetProperty("id").GetString()!));
            if (continuation is null)
                return string.Join(' ', ids);
        }
    }
}
