using Pipeline.Local.Cosmos;

namespace Pipeline.Tests;

public sealed class SortedIndexTests
{
    [Theory]
    [InlineData(1, 100_000)]
    [InlineData(2, 300)]
    public void Agrees_with_a_sorted_dictionary(int seed, int keys)
    {
        var random = new Random(seed);
        var index = new SortedIndex<string, string, Ordinal>();
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var step = 0; step < 30_000; step++)
        {
            var key = $"{random.Next(keys):d6}";
            if (random.Next(3) > 0)
            {
                Assert.Equal(expected.ContainsKey(key), index.Put(key, key) is not null);
                expected[key] = key;
            }
            else
            {
                Assert.Equal(expected.Remove(key), index.Remove(key));
            }
        }

        Assert.Equal(expected.Count, index.Count);
        Assert.Equal(expected.Keys, Forwards(index, default));
        var backwards = new List<string>();
        for (var position = index.Last(); index.At(position) is { } item; position = index.Previous(position))
            backwards.Add(item);
        Assert.Equal(expected.Keys.Reverse(), backwards);
        for (var i = 0; i < 100; i++)
        {
            var key = $"{random.Next(keys):d6}";
            Assert.Equal(expected.GetValueOrDefault(key), index.Find(key));
            Assert.Equal(expected.Keys.FirstOrDefault(k => string.CompareOrdinal(k, key) >= 0), index.At(index.LowerBound(key)));
        }
    }

    [Fact]
    public void Growing_keys_fill_it_and_removal_empties_it()
    {
        var index = new SortedIndex<string, string, Ordinal>();
        var keys = Enumerable.Range(0, 5000).Select(i => $"{i:d6}").ToList();
        foreach (var key in keys)
            index.Put(key, key);
        Assert.Equal(keys, Forwards(index, default));
        foreach (var key in keys)
            Assert.True(index.Remove(key));
        Assert.Equal(0, index.Count);
        Assert.Null(index.At(default));
        Assert.Null(index.At(index.Last()));
    }

    private static List<string> Forwards(SortedIndex<string, string, Ordinal> index, IndexPosition position)
    {
        var items = new List<string>();
        for (; index.At(position) is { } item; position = index.Next(position))
            items.Add(item);
        return items;
    }

    internal readonly struct Ordinal : ISortOrder<string, string>
    {
        public static int Compare(string item, string key) => string.CompareOrdinal(item, key);
    }
}
