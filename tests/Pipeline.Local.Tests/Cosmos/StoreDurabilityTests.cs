using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.Cosmos;
using Pipeline.Local.Testing;

namespace Pipeline.Tests;

/// <summary>What the journal says after a restart is what was there before, and what cannot be opened says why.</summary>
public sealed class StoreDurabilityTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cosmos").FullName;
    private readonly ManualTimeProvider _clock = new();

    private string JournalPath => Path.Combine(_directory, "cosmos.journal");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Container_that_is_dropped_twice_is_missing_the_second_time_and_its_successor_stays()
    {
        using (var store = new IndexedStore(_directory, _clock))
        {
            var (database, first) = (store.Container.Database, store.Container);
            store.Store.Drop(first);
            Assert.Equal(404, Assert.Throws<CosmosFailure>(() => store.Store.Drop(first)).Status);
            Assert.Equal(404, Assert.Throws<CosmosFailure>(() => store.Store.SetDefaultTimeToLive(first, 5)).Status);
            var second = store.Store.CreateContainer(database, "items", first.Definition, null).Container;
            Assert.Equal(404, Assert.Throws<CosmosFailure>(() => store.Store.Drop(first)).Status);
            Assert.Same(second, store.Store.FindContainer(database, "items"));

            store.Store.Drop(database);
            Assert.Equal(404, Assert.Throws<CosmosFailure>(() => store.Store.Drop(database)).Status);
            Assert.Equal(404, Assert.Throws<CosmosFailure>(() => store.Store.CreateContainer(database, "late", first.Definition, null)).Status);
            Assert.Equal(404, Assert.Throws<CosmosFailure>(() => store.Store.Drop(second)).Status);
        }

        using (var store = new IndexedStore(_directory, _clock))
            Assert.Single(store.Store.Containers(store.Container.Database));
    }

    [Fact]
    public void Document_of_the_largest_size_can_be_read_back_and_replaced()
    {
        const string Start = """{"id":"a","pk":"p","text":" """;
        var json = Encoding.UTF8.GetBytes(Start + new string('x', ItemContent.MaxItemBytes - Start.Length - 2) + "\"}");
        Assert.Equal(ItemContent.MaxItemBytes, json.Length);
        using (var store = new IndexedStore(_directory, _clock))
        {
            store.Write("p", Upsert(store, json));
            store.Write("p", Upsert(store, store.Index.Find(store.PartitionOf("p"), "a")!.Json));
        }

        using (var store = new IndexedStore(_directory, _clock))
        {
            var stored = store.Index.Find(store.PartitionOf("p"), "a")!;
            Assert.InRange(stored.JsonLength, json.Length + 1, json.Length + 1000);
            store.Write("p", Upsert(store, stored.Json));
            Assert.Equal(413, Assert.Throws<CosmosFailure>(() => Upsert(store, (byte[])[.. json.AsSpan(..^1), .. ",\"n\":1}"u8])).Status);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Document_that_expired_stays_away_when_the_time_to_live_changes_and_the_store_restarts(bool isLooked)
    {
        using (var store = new IndexedStore(_directory, _clock))
        {
            store.Write("p", [.. Enumerable.Range(0, 1500).Select(i => store.Upsert("p", Invariant($"{i}"), ttl: 5))]);
            store.Write("p", store.Upsert("p", "later", ttl: 500), store.Upsert("p", "stays"));
            _clock.Advance(TimeSpan.FromSeconds(5));
            if (isLooked)
                Assert.Equal("later stays", store.Query("SELECT c.id FROM c", "p"));
            store.Store.SetDefaultTimeToLive(store.Container, null);
            Assert.Equal("later stays", store.Query("SELECT c.id FROM c", "p"));
            Assert.Equal(2, store.Container.Count);
        }

        using (var store = new IndexedStore(_directory, _clock))
        {
            Assert.Equal("later stays", store.Query("SELECT c.id FROM c", "p"));
            Assert.Equal(2, store.Container.Count);
            store.Store.SetDefaultTimeToLive(store.Container, 10);
            _clock.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal("later", store.Query("SELECT c.id FROM c", "p"));
        }
    }

    [Fact]
    public void Body_is_not_read_from_where_it_was_when_the_index_fails_as_bodies_move()
    {
        using var store = new IndexedStore(_directory, _clock);
        store.Write("p", store.Upsert("p", "a", 1));
        var document = store.Index.Find(store.PartitionOf("p"), "a")!;
        store.Index.File.Dispose();
        Assert.Throws<CosmosFailure>(store.Index.ApplyMoves);
        Assert.Equal(503, Assert.Throws<CosmosFailure>(() => document.Json).Status);
    }

    [Fact]
    public void Dropped_container_leaves_no_bodies_in_memory()
    {
        using var store = new IndexedStore(null, _clock);
        store.Write("p", store.Upsert("p", "a"));
        var body = store.Index.Find(store.PartitionOf("p"), "a")!.Body;
        Assert.NotNull(store.Index.Bodies.Find(body));
        store.Store.Drop(store.Container);
        var other = store.Store.CreateContainer(store.Container.Database, "other", store.Container.Definition, null).Container;
        lock (store.Store.Gate)
            store.Store.Enter(other);
        Assert.Null(store.Index.Bodies.Find(body));
    }

    [Fact]
    public void Index_that_is_a_folder_is_an_error_that_names_it_and_leaves_nothing_open()
    {
        var path = Path.Combine(_directory, "cosmos.index");
        Directory.CreateDirectory(path);
        var failure = Assert.Throws<IOException>(() => new IndexedStore(_directory, _clock));
        Assert.StartsWith($"{path}: the index of documents cannot be made: ", failure.Message, StringComparison.Ordinal);
        Directory.Delete(path);
        new IndexedStore(_directory, _clock).Dispose();

        // Now with a journal that has something to index.
        Directory.CreateDirectory(path);
        failure = Assert.Throws<IOException>(() => new IndexedStore(_directory, _clock));
        Assert.StartsWith($"{path}: the index of documents cannot be made: ", failure.Message, StringComparison.Ordinal);
        Directory.Delete(path);
        new IndexedStore(_directory, _clock).Dispose();
    }

    [Fact]
    public void Index_that_a_killed_process_left_behind_is_made_anew()
    {
        var path = Path.Combine(_directory, "cosmos.index");
        using (var store = new IndexedStore(_directory, _clock))
            store.Write("p", store.Upsert("p", "a", 1));
        File.WriteAllText(path, "no database");
        using (var store = new IndexedStore(_directory, _clock))
            Assert.Equal("a", store.Query("SELECT c.id FROM c"));
    }

    [Fact]
    public void Record_that_cannot_be_understood_is_an_error_that_names_file_and_place()
    {
        using (var journal = Local.Journal.Journal.Open(JournalPath, (_, _) => { }, NullLogger.Instance))
            journal.Append([99]);
        for (var i = 0; i < 2; i++)
        {
            var failure = Assert.Throws<InvalidDataException>(() => new IndexedStore(_directory, _clock));
            Assert.StartsWith($"{JournalPath}: the record at offset 0 cannot be read: ", failure.Message, StringComparison.Ordinal);
            Assert.False(File.Exists(Path.Combine(_directory, "cosmos.index")));
        }
    }

    [Fact]
    public void Closed_store_refuses_everything_and_can_be_closed_again()
    {
        var store = new IndexedStore(_directory, _clock);
        store.Write("p", store.Upsert("p", "a", 1));
        var document = store.Index.Find(store.PartitionOf("p"), "a")!;
        store.Dispose();
        // Somebody else's by now.
        File.WriteAllText(Path.Combine(_directory, "cosmos.index"), "");
        store.Dispose();
        Assert.True(File.Exists(Path.Combine(_directory, "cosmos.index")));
        Assert.Equal(503, Assert.Throws<CosmosFailure>(() => document.Json).Status);
        Assert.Equal(503, Assert.Throws<CosmosFailure>(() => store.Write("p", store.Upsert("p", "a", 2))).Status);
        Assert.Equal(503, Assert.Throws<CosmosFailure>(() => store.Query("SELECT c.id FROM c")).Status);
        Assert.Equal(503, Assert.Throws<CosmosFailure>(() => store.Store.Drop(store.Container)).Status);
    }

    private static ItemOperation Upsert(IndexedStore store, ReadOnlyMemory<byte> json) =>
        new() { Kind = ItemOperationKind.Upsert, Id = "a", Content = ItemContent.Parse(json, store.Container.Definition) };
}
