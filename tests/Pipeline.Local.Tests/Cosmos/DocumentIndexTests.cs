using System.Text;
using Pipeline.Local.Cosmos;
using Pipeline.Local.Cosmos.Sql;
using Pipeline.Local.Testing;

namespace Pipeline.Tests;

/// <summary>Random transactions: every way through the index finds what a plain list of the documents says.</summary>
public sealed class DocumentIndexTests : IDisposable
{
    private static readonly string[] Keys = ["p", "p", "p", "q", "r", "", "é", "\U0001F600"];
    private static readonly string[] Ids =
        ["a", "a-1", "a-2", "ab", "b", "m", "m\uffff", "m\U0001F600", "z", "\uE000", "\uFFFF", "\U0001F600", "\U0010FFFF", .. Enumerable.Range(0, 30).Select(i => Invariant($"n{i:d2}"))];
    private static readonly string?[] Kinds = [null, "state", "event", "outbox"];
    private static readonly int?[] TimesToLive = [null, null, -1, 3, 60];

    private readonly string _directory = Directory.CreateTempSubdirectory("cosmos").FullName;
    private readonly ManualTimeProvider _clock = new();
    private readonly Dictionary<(string Pk, string Id), Written> _expected = [];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void Index_agrees_with_a_list_of_the_documents(int seed, bool isDurable)
    {
        var random = new Random(seed);
        var directory = isDurable ? _directory : null;
        // So small that nearly everything is read from the files, and the journal is compacted again and again.
        var store = new IndexedStore(directory, _clock, bodyCacheBytes: 1000, compactionMinimumBytes: 50_000);
        try
        {
            store.Index.File.LimitCache(16);
            for (var step = 1; step <= 1500; step++)
            {
                WriteSome(store, random, step);
                if (random.Next(20) == 0)
                    _clock.Advance(TimeSpan.FromSeconds(random.Next(3)));
                if (step % 100 == 0)
                    Check(store, random);
                if (step % 500 == 0 && isDurable)
                {
                    store.Dispose();
                    store = new IndexedStore(directory, _clock, bodyCacheBytes: 1000, compactionMinimumBytes: 50_000);
                    Check(store, random);
                }
            }

            if (isDurable)
                Assert.InRange(store.Store.JournalBytes, 1, 200_000);
        }
        finally
        {
            store.Dispose();
        }
    }

    private void WriteSome(IndexedStore store, Random random, int step)
    {
        var pk = Keys[random.Next(Keys.Length)];
        var lsn = store.Container.Lsn + 1;
        var operations = new ItemOperation[random.Next(1, 5)];
        for (var i = 0; i < operations.Length; i++)
        {
            var id = Ids[random.Next(Ids.Length)];
            if (random.Next(3) == 0 && _expected.TryGetValue((pk, id), out var old) && old.ExpiresAt > store.NowSeconds)
            {
                operations[i] = IndexedStore.Delete(id);
                _expected.Remove((pk, id));
                continue;
            }

            var (kind, ttl) = (Kinds[random.Next(Kinds.Length)], TimesToLive[random.Next(TimesToLive.Length)]);
            operations[i] = store.Upsert(pk, id, step, kind, ttl);
            _expected[(pk, id)] = new(pk, id, lsn, i, step, kind, store.NowSeconds, ttl > 0 ? store.NowSeconds + ttl.Value : long.MaxValue);
        }

        store.Write(pk, operations);
    }

    private void Check(IndexedStore store, Random random)
    {
        foreach (var gone in _expected.Values.Where(d => d.ExpiresAt <= store.NowSeconds).ToList())
            _expected.Remove((gone.Pk, gone.Id));
        var (index, container) = (store.Index, store.Container);
        var documents = _expected.Values.OrderBy(d => d.Lsn).ThenBy(d => d.Ordinal).ToList();
        var places = Keys.Distinct().ToDictionary(pk => pk, pk => store.PartitionOf(pk));
        Assert.Equal(documents.Count, store.Look(() => container.Count));
        Assert.Equal(documents.Sum(d => d.In(index.Find(places[d.Pk], d.Id)!).JsonLength + 64L), store.Look(() => container.LiveBytes));

        // By change.
        var after = random.NextInt64(container.Lsn + 1);
        Equal(documents, store.Look(() => index.Changes(container, -1).ToList()));
        Equal(documents.Where(d => d.Lsn > after), store.Look(() => index.Changes(container, after).ToList()));
        foreach (var pk in places.Keys)
            Equal(documents.Where(d => d.Pk == pk && d.Lsn > after), store.Changes(pk, after));
        var since = store.NowSeconds - random.Next(60);
        Assert.Equal(documents.Where(d => d.Seconds >= since).Select(d => d.Lsn - 1).DefaultIfEmpty(container.Lsn).First(), store.FeedStart(since));

        // By id.
        var range = new KeyRange(Ids[random.Next(Ids.Length)], random.Next(2) == 0, random.Next(3) == 0 ? null : Ids[random.Next(Ids.Length)], random.Next(2) == 0);
        foreach (var (pk, partition) in places)
        {
            var inRange = documents.Where(d => d.Pk == pk && Contains(range, d.Id)).OrderBy(d => d.Id, StringComparer.Ordinal).ToList();
            Equal(inRange.Take(20), store.Look(() => index.Range(partition, range, descending: false, 20)));
            Equal(inRange.AsEnumerable().Reverse().Take(20), store.Look(() => index.Range(partition, range, descending: true, 20)));
        }

        // By place on the ring, and by kind there.
        var inOrder = documents.OrderBy(d => places[d.Pk].EffectiveKey).ThenBy(d => d.Id, StringComparer.Ordinal).ToList();
        Equal(inOrder, InPages(store, null));
        Equal(inOrder.Where(d => d.Kind == "event"), InPages(store, "event"));
        Assert.Equal(inOrder.Select(d => d.Pk).Distinct(), Partitions(store));
    }

    private static void Equal(IEnumerable<Written> expected, List<StoredDocument> found)
    {
        var all = expected.ToList();
        Assert.Equal(all.Select(d => (d.Pk, d.Id)), found.Select(d => (d.Partition.Key.Text!, d.Id)));
        foreach (var (written, document) in all.Zip(found))
            written.In(document);
    }

    private static List<StoredDocument> InPages(IndexedStore store, string? kind)
    {
        var all = new List<StoredDocument>();
        for (DocumentKey? after = null; ;)
        {
            var page = store.Look(() => store.Index.Scan(store.Container, RingRange.All, kind, after, 7));
            all.AddRange(page);
            if (page.Count < 7)
                return all;
            after = new(page[^1].Partition.EffectiveKey, page[^1].Id);
        }
    }

    private static List<string> Partitions(IndexedStore store) => store.Look(() =>
    {
        var all = new List<string>();
        for (EffectiveKey from = default; store.Index.FindPartition(store.Container, from) is { } partition; from = partition.EffectiveKey.Next)
            all.Add(partition.Key.Text!);
        return all;
    });

    private static bool Contains(KeyRange range, string id) =>
        string.CompareOrdinal(id, range.Low) is var low && (low > 0 || (low == 0 && range.LowIncluded))
        && (range.High is null || (string.CompareOrdinal(id, range.High) is var high && (high < 0 || (high == 0 && range.HighIncluded))));

    private sealed record Written(string Pk, string Id, long Lsn, int Ordinal, int N, string? Kind, long Seconds, long ExpiresAt)
    {
        /// <summary>The document is what was written, body included.</summary>
        public StoredDocument In(StoredDocument document)
        {
            Assert.Equal((Lsn, Ordinal, Kind, Seconds, ExpiresAt), (document.Lsn, document.Ordinal, document.Kind, document.TimestampSeconds, document.ExpiresAtSeconds));
            Assert.Equal(N, IndexedStore.NumberIn(document));
            Assert.Contains(document.Etag.Trim('"'), Encoding.UTF8.GetString(document.Json), StringComparison.Ordinal);
            return document;
        }
    }
}
