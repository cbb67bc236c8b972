// As users write it: nothing of it runs here, all of it becomes SQL.
#pragma warning disable CA1304, CA1305, CA1307, CA1309, CA1310, CA1311, CA1847, CA1862, CA1866, MA0011
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Cosmos.Linq;

namespace Pipeline.Tests;

/// <summary>What the SDK's LINQ provider makes of ordinary queries.</summary>
public sealed class QueryLinqTests : IAsyncLifetime, IDisposable
{
    private readonly LocalCosmos _cosmos = new();

    public async Task InitializeAsync()
    {
        await Add("a", "Ada", 36, ["x", "y"], new("London", 1), [new("pen", 2), new("ink", 5)]);
        await Add("b", "Bob", 17, [], new("Bonn", 2), [new("pen", 1)]);
        await Add("c", "cyd", 52, ["y"], null, []);
        await Add("d", null, 17, ["z", "x"], new("Bonn", 3), [new("cup", 9), new("pen", 4)]);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _cosmos.Dispose();

    [Fact]
    public async Task Conditions()
    {
        await Expect("a b c", people => people.Where(p => p.name != null));
        await Expect("d", people => people.Where(p => p.name == null));
        await Expect("a b d", people => people.Where(p => p.home != null));
        await Expect("b d", people => people.Where(p => p.home!.city == "Bonn"));
        await Expect("a c", people => people.Where(p => p.age > 17 && p.age <= 52));
        await Expect("a b d", people => people.Where(p => !(p.age > 50)));
        await Expect("a d", people => people.Where(p => p.tags.Contains("x")));
        string[] ids = ["a", "c", "z"];
        await Expect("a c", people => people.Where(p => ids.Contains(p.id)));
        await Expect("b d", people => people.Where(p => !ids.Contains(p.id)));
        await Expect("", people => people.Where(p => Array.Empty<string>().Contains(p.id)));
        await Expect("b d", people => people.Where(p => p.age % 2 == 1));
        await Expect("a", people => people.Where(p => p.age + 1 == 37 && p.age * 2 == 72 && p.age - 6 == 30 && p.age / 2 == 18));
        await Expect("b c d", people => people.Where(p => (p.age > 40 ? "old" : p.age < 18 ? "young" : "grown") != "grown"));
        await Expect("d", people => people.Where(p => (p.name ?? "none") == null || p.id == "d"));
        await Expect("a d", people => people.Where(p => p.tags[0] == "x" || p.tags[1] == "x"));
        await Expect("a b c d", people => people.Where(p => p.id.IsDefined() && !p.id.IsNull() && p.id.IsString()));
    }

    [Fact]
    public async Task Functions()
    {
        await Expect("a", people => people.Where(p => p.name!.StartsWith("A")));
        await Expect("a", people => people.Where(p => p.name!.StartsWith("a", StringComparison.OrdinalIgnoreCase)));
        await Expect("b", people => people.Where(p => p.name!.EndsWith("b")));
        await Expect("a c", people => people.Where(p => p.name!.Contains('d')));
        await Expect("a c", people => people.Where(p => p.name!.ToUpper().Contains("D")));
        await Expect("c", people => people.Where(p => p.name!.ToLower() == p.name));
        await Expect("a", people => people.Where(p => p.name!.Equals("ADA", StringComparison.OrdinalIgnoreCase)));
        await Expect("b", people => people.Where(p => p.name!.IndexOf("ob") == 1));
        await Expect("a", people => people.Where(p => p.name!.Substring(1, 2) == "da"));
        await Expect("a", people => people.Where(p => p.name!.Replace("d", "n") == "Ana"));
        await Expect("a", people => people.Where(p => p.name + "!" == "Ada!"));
        await Expect("a", people => people.Where(p => string.Concat(p.id, "-", p.name) == "a-Ada"));
        await Expect("a", people => people.Where(p => (" " + p.name + " ").Trim() == "Ada"));
        await Expect("a", people => people.Where(p => p.name!.RegexMatch("^a", "i")));
        await Expect("a", people => people.Where(p => Math.Sqrt(p.age) == 6 && Math.Abs(p.age) == 36 && Math.Pow(p.age, 1) == 36));
        await Expect("b d", people => people.Where(p => p.age.ToString() == "17"));
        await Expect("b d", people => people.Where(p => string.Compare(p.home!.city, "C") < 0));
    }

    [Fact]
    public async Task Inner_lists()
    {
        await Expect("a c d", people => people.Where(p => p.tags.Any()));
        await Expect("a d", people => people.Where(p => p.tags.Count() == 2));
        await Expect("a b d", people => people.Where(p => p.things.Any(t => t.name == "pen")));
        await Expect("a d", people => people.Where(p => p.things.Any(t => t.name == "pen" && t.count > 1)));
        await Expect("a d", people => people.Where(p => p.things.Count(t => t.count > 3) > 0));
        await Expect("d", people => people.Where(p => p.things.Sum(t => t.count) > 10));
        await Expect("d", people => people.Where(p => p.things.Max(t => t.count) > 5));
        await Expect("a", people => people.Where(p => p.things.Where(t => t.count > 1).Select(t => t.name).Contains("ink")));

        Assert.Equal("cup ink pen pen pen", Joined(await Run(people => people.SelectMany(p => p.things).Select(t => t.name), sorted: true)));
        Assert.Equal("ink", Joined(await Run(people => people.SelectMany(p => p.things.Where(t => t.count == 5)).Select(t => t.name))));
        Assert.Equal("a:ink a:pen b:pen d:cup d:pen", Joined(await Run(people => people.SelectMany(p => p.things.Select(t => p.id + ":" + t.name)), sorted: true)));
        Assert.Equal("2 1 0 2", Joined(await Run(people => people.OrderBy(p => p.id).Select(p => p.things.Count()))));
        Assert.Equal("pen,ink", string.Join(',', (await Run(people => people.Where(p => p.id == "a").Select(p => new { p.id, names = p.things.Select(t => t.name) })))[0].names));
    }

    [Fact]
    public async Task Shapes_and_windows()
    {
        Assert.Equal("Ada:London", Joined((await Run(people => people.Where(p => p.id == "a").Select(p => new { p.name, where = new { p.home!.city } }))).Select(p => $"{p.name}:{p.where.city}")));
        Assert.Equal("c a d b", Joined(await Run(people => people.OrderByDescending(p => p.age).ThenByDescending(p => p.id).Select(p => p.id))));
        Assert.Equal("b c", Joined(await Run(people => people.OrderBy(p => p.id).Skip(1).Take(2).Select(p => p.id))));
        Assert.Equal("a b", Joined(await Run(people => people.OrderBy(p => p.id).Take(2).Select(p => p.id))));
        Assert.Equal("17 36 52", Joined(await Run(people => people.Select(p => p.age).Distinct(), sorted: true)));
        Assert.Equal("17 36 52", Joined(await Run(people => people.Select(p => p.age).Distinct().OrderBy(age => age))));
        Assert.Equal("36 52", Joined(await Run(people => people.Select(p => new { p.age, p.id }).Where(p => p.age > 20).OrderBy(p => p.age).Select(p => p.age))));
        var groups = await Run(people => people.GroupBy(p => p.age, (age, group) => new { age, count = group.Count() }));
        Assert.Equal("17:2 36:1 52:1", Joined(groups.OrderBy(g => g.age).Select(g => Invariant($"{g.age}:{g.count}"))));
    }

    [Fact]
    public async Task Aggregates()
    {
        var people = People();
        Assert.Equal(4, await people.CountAsync());
        Assert.Equal(2, await people.Where(p => p.age == 17).CountAsync());
        Assert.Equal(122, await people.Select(p => p.age).SumAsync());
        Assert.Equal(30.5, await people.Select(p => p.age).AverageAsync());
        Assert.Equal(17, (int)await people.Select(p => p.age).MinAsync());
        Assert.Equal(52, (int)await people.Select(p => p.age).MaxAsync());
        Assert.Equal(3, await people.Select(p => p.age).Distinct().CountAsync());
        Assert.Equal(2, await people.OrderBy(p => p.id).Take(2).CountAsync());
        Assert.Equal(5, await people.SelectMany(p => p.things).CountAsync());
    }

    private static string Joined<T>(IEnumerable<T> values) => string.Join(' ', values);

    private Task Add(string id, string? name, int age, string[] tags, Home? home, Thing[] things) =>
        _cosmos.Items.CreateItemAsync(new Person(id, "p", name, age, tags, home, things), new PartitionKey("p"));

    private IQueryable<Person> People() =>
        _cosmos.Items.GetItemLinqQueryable<Person>(requestOptions: new QueryRequestOptions { PartitionKey = new PartitionKey("p") });

    private async Task Expect(string ids, Func<IQueryable<Person>, IQueryable<Person>> query)
    {
        var found = await Run(query);
        Assert.True(ids == Joined(found.Select(p => p.id).Order(StringComparer.Ordinal)), $"{query(People())}: {Joined(found.Select(p => p.id))}, not {ids}");
    }

    private async Task<List<T>> Run<T>(Func<IQueryable<Person>, IQueryable<T>> query, bool sorted = false)
    {
        var all = new List<T>();
        using var pages = query(People()).ToFeedIterator();
        try
        {
            while (pages.HasMoreResults)
                all.AddRange(await pages.ReadNextAsync());
        }
        catch (CosmosException e)
        {
            Assert.Fail($"{query(People())}: {e.Message}");
        }

        return sorted ? [.. all.Order()] : all;
    }

    private sealed record Home(string city, int floor);

    private sealed record Thing(string name, int count);

    private sealed record Person(string id, string pk, string? name, int age, string[] tags, Home? home, Thing[] things);
}
