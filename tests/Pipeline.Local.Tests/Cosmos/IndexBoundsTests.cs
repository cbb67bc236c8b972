using Pipeline.Local.Cosmos;
using Pipeline.Local.Cosmos.Sql;
using Pipeline.Local.Testing;

namespace Pipeline.Tests;

/// <summary>The index when there is little memory, little disk, or much of everything.</summary>
public sealed class IndexBoundsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cosmos").FullName;
    private readonly ManualTimeProvider _clock = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_does_not_fit_into_memory_goes_to_the_file()
    {
        const int Documents = 20_000;
        const int CacheKibibytes = 512;
        var indexPath = Path.Combine(_directory, "cosmos.index");
        using (var store = new IndexedStore(_directory, _clock))
        {
            store.Index.File.LimitCache(CacheKibibytes);
            for (var i = 0; i < Documents; i++)
                store.Write(Invariant($"p{i % 4000}"), store.Upsert(Invariant($"p{i % 4000}"), Invariant($"{i}"), i, "state"));

            Assert.InRange(store.Index.File.CacheBytes, 1, 2 * CacheKibibytes * 1024);
            Assert.InRange(new FileInfo(indexPath).Length, 2 * 1024 * 1024, long.MaxValue);
            for (var i = 0; i < Documents; i += 37)
                Assert.Equal(i, IndexedStore.NumberIn(store.Index.Find(store.PartitionOf(Invariant($"p{i % 4000}")), Invariant($"{i}"))!));
        }

        Assert.False(File.Exists(indexPath), "It is made anew at every start, and not left behind.");
    }

    [Fact]
    public void Full_disk_is_an_error_to_all_and_loses_nothing()
    {
        var acknowledged = 0;
        using (var store = new IndexedStore(_directory, _clock))
        {
            store.Write("p", store.Upsert("p", "first"));
            store.Index.File.LimitFile(pages: 1);
            var failure = Assert.Throws<CosmosFailure>(() =>
            {
                for (; acknowledged < 10_000; acknowledged++)
                    store.Write("p", store.Upsert("p", Invariant($"{acknowledged}")));
            });
            Assert.Equal(503, failure.Status);
            Assert.Contains("The index of documents cannot be used (database or disk is full). Nothing is lost: make room on the disk, and start again.", failure.Message, StringComparison.Ordinal);
            // The index may be wrong now, so nobody gets an answer from it.
            Assert.Equal(503, Assert.Throws<CosmosFailure>(() => store.Index.Find(store.PartitionOf("p"), "first")).Status);
            Assert.Equal(503, Assert.Throws<CosmosFailure>(() => store.Write("q", store.Upsert("q", "other"))).Status);
        }

        using (var store = new IndexedStore(_directory, _clock))
        {
            Assert.NotNull(store.Index.Find(store.PartitionOf("p"), "first"));
            for (var i = 0; i < acknowledged; i++)
                Assert.NotNull(store.Index.Find(store.PartitionOf("p"), Invariant($"{i}")));
        }
    }

    [Fact]
    public void Document_that_was_read_before_a_compaction_has_its_body_after_it_or_an_error()
    {
        using var store = new IndexedStore(_directory, _clock, compactionMinimumBytes: 20_000);
        store.Write("p", store.Upsert("p", "stays", 1));
        store.Write("p", store.Upsert("p", "goes", 2));
        var (stays, goes) = (store.Index.Find(store.PartitionOf("p"), "stays")!, store.Index.Find(store.PartitionOf("p"), "goes")!);
        Assert.Equal((1, 2), (IndexedStore.NumberIn(stays), IndexedStore.NumberIn(goes)));
        store.Write("p", store.Upsert("p", "goes", 3));
        Assert.Equal(2, IndexedStore.NumberIn(goes));

        for (var i = 0; store.Index.Bodies.Generation == 0; i++)
        {
            Assert.True(i < 1000, "The journal is never compacted.");
            store.Write("q", store.Upsert("q", "filler", i));
        }

        Assert.Equal(1, IndexedStore.NumberIn(stays));
        var failure = Assert.Throws<CosmosFailure>(() => goes.Json);
        Assert.Equal((503, "Item 'goes' was replaced, and its former version is gone. Ask again."), (failure.Status, failure.Message));
    }

    [Fact]
    public void Compaction_that_fails_leaves_everything_where_it_was()
    {
        using var store = new IndexedStore(_directory, _clock, compactionMinimumBytes: 20_000);
        store.Write("p", store.Upsert("p", "a", 1));
        // Nothing can be written where a folder is.
        Directory.CreateDirectory(Path.Combine(_directory, "cosmos.journal.new"));
        for (var i = 0; i < 300; i++)
            store.Write("q", store.Upsert("q", "b", i));
        Assert.Equal(0, store.Index.Bodies.Generation);
        Assert.Equal(1, IndexedStore.NumberIn(store.Index.Find(store.PartitionOf("p"), "a")!));
        Assert.Equal(299, IndexedStore.NumberIn(store.Index.Find(store.PartitionOf("q"), "b")!));

        Directory.Delete(Path.Combine(_directory, "cosmos.journal.new"));
        for (var i = 0; store.Index.Bodies.Generation == 0; i++)
        {
            Assert.True(i < 1000, "The journal is never compacted.");
            store.Write("q", store.Upsert("q", "b", i));
        }

        Assert.Equal(1, IndexedStore.NumberIn(store.Index.Find(store.PartitionOf("p"), "a")!));
    }

    [Fact]
    public void Id_is_found_behind_thousands_of_partitions_that_do_not_have_it()
    {
        using var store = new IndexedStore(null, _clock);
        for (var i = 0; i < 3000; i++)
            store.Write(Invariant($"p{i}"), store.Upsert(Invariant($"p{i}"), i % 1000 == 999 ? "needle" : "hay"));
        Assert.Equal("needle needle needle", store.Query("SELECT c.id FROM c WHERE c.id = 'needle'"));
        Assert.Equal("", store.Query("SELECT c.id FROM c WHERE c.id = 'none'"));
    }

    [Fact]
    public void Changes_of_small_and_large_partitions()
    {
        using var store = new IndexedStore(null, _clock);
        for (var i = 0; i < 2500; i++)
            store.Write(i % 100 == 0 ? "small" : "large", store.Upsert(i % 100 == 0 ? "small" : "large", Invariant($"{i}")));
        foreach (var after in new[] { -1L, 700, 2400, 2500 })
        {
            foreach (var pk in new[] { "small", "large" })
            {
                var expected = Enumerable.Range(0, 2500).Where(i => i + 1 > after && (i % 100 == 0) == (pk == "small")).Select(i => Invariant($"{i}"));
                Assert.Equal(expected, store.Changes(pk, after).Select(d => d.Id));
            }
        }
    }

    [Fact]
    public void Dropped_container_leaves_nothing_and_its_name_is_free()
    {
        using var store = new IndexedStore(_directory, _clock);
        store.Write("p", store.Upsert("p", "a"));
        var database = store.Container.Database;
        store.Store.Drop(store.Container);
        Assert.Null(store.Index.Find(store.PartitionOf("p"), "a"));
        var next = store.Store.CreateContainer(database, "items", store.Container.Definition, null).Container;
        Assert.Null(store.Index.Find(new Partition(next, PartitionKeyValue.Of("p")), "a"));
    }

    [Theory]
    [InlineData("SELECT c.id FROM c WHERE {0}")]
    [InlineData("SELECT c.id FROM c WHERE c.pk = 'p' AND ({0})")]
    public void Query_for_thousands_of_ranges_of_ids_goes_on_where_it_let_others_in(string sql)
    {
        using var store = new IndexedStore(null, _clock);
        for (var i = 0; i < 3000; i += 100)
            store.Write("p", [.. Enumerable.Range(i, 100).Select(n => store.Upsert("p", Invariant($"{n:d4}")))]);
        store.Write("q", store.Upsert("q", "0000"), store.Upsert("q", "0001"), store.Upsert("q", "2996"));
        var scope = new QueryScope(store.Store, store.Container, null, RingRange.All);
        // Ids that are there, and as many that are not: points, and ranges without their ends.
        var condition = string.Join(" OR ", Enumerable.Range(0, 1500).Select(i => i % 4 == 0 ? Invariant($"c.id = '{i * 2:d4}' OR c.id = '{i * 2:d4}x'") : Invariant($"c.id > '{i * 2:d4}' AND c.id < '{(i * 2) + 2:d4}'")));
        var expected = Enumerable.Range(0, 1500).Select(i => i % 4 == 0 ? i * 2 : (i * 2) + 1).Select(n => Invariant($"{n:d4}")).ToList();
        string[] ofQ = sql.Contains("'p'", StringComparison.Ordinal) ? [] : ["0000"];
        var found = store.Query(string.Format(CultureInfo.InvariantCulture, sql, condition)).Split(' ');
        Assert.Equal(expected.Concat(ofQ).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.Equal(expected.AsEnumerable().Reverse(), store.Query($"SELECT c.id FROM c WHERE {condition} ORDER BY c.id DESC", "p").Split(' '));

        using var row = new SqlRow([], "pk");
        var scan = new DocumentScan(scope, SqlQuery.Parse($"SELECT * FROM c WHERE {condition}").Where, row, descending: false, after: null);
        var (holds, documents) = (0, new List<StoredDocument>());
        for (; !scan.IsFinished; holds++)
            scan.Fill(documents, 5000);
        Assert.InRange(holds, 3, 100);
        Assert.Equal(expected.Count + 1, documents.Count);
    }

    [Fact]
    public void Feed_of_a_small_part_of_many_changes()
    {
        using var store = new IndexedStore(null, _clock);
        for (var i = 0; i < 9000; i += 50)
            store.Write("large", [.. Enumerable.Range(i, 50).Select(n => store.Upsert("large", Invariant($"{n}")))]);
        store.Write("small", store.Upsert("small", "first"), store.Upsert("small", "second"));
        for (var i = 0; i < 3000; i += 50)
            store.Write("large", [.. Enumerable.Range(i, 50).Select(n => store.Upsert("large", Invariant($"{n}"), n))]);

        var key = store.PartitionOf("small").EffectiveKey;
        foreach (var scope in new QueryScope[] { new(store.Store, store.Container, PartitionKeyValue.Of("small"), RingRange.All), new(store.Store, store.Container, null, new(key, key.Next)) })
        {
            var first = ChangeFeed.Read(scope, 0, 100);
            Assert.Equal(2, first.Documents!.Count);
            var end = ChangeFeed.Read(scope, first.Lsn, 100);
            Assert.Null(end.Documents);
            Assert.Equal(store.Container.Lsn, end.Lsn);
        }

        // Transactions are never torn, wherever a hold of the lock ends.
        var large = new QueryScope(store.Store, store.Container, PartitionKeyValue.Of("large"), RingRange.All);
        var counts = new List<int>();
        for (var page = ChangeFeed.Read(large, 0, 70); page.Documents is { } documents; page = ChangeFeed.Read(large, page.Lsn, 70))
            counts.Add(documents.Count);
        Assert.Equal(9000, counts.Sum());
        Assert.All(counts, count => Assert.Equal(0, count % 50));
    }
}
