using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.BookingApp;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Filters, pages and groups of the ledger, over entries written as consumers write them.</summary>
public sealed class DeadLetterListTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Simulation _simulation = new();
    private SimulatedProcess _process = null!;

    private CosmosPartitionStore Store => _process.Store(Names.Charges);

    public Task InitializeAsync()
    {
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public async Task Every_filter_narrows_and_all_of_them_together()
    {
        var wanted = Entry("wanted", "s-1", "a/b", "t1", DeadLetterReasons.HandlerFailed, "Broken 1.", Start);
        await WriteAsync(
            wanted,
            Entry("consumer", "s-1", "a/c", "t1", DeadLetterReasons.HandlerFailed, "Broken 2.", Start),
            Entry("type", "s-1", "a/b", "t2", DeadLetterReasons.HandlerFailed, "Broken 3.", Start),
            Entry("reason", "s-1", "a/b", "t1", DeadLetterReasons.Expired, "Broken 4.", Start),
            Entry("cause", "s-1", "a/b", "t1", DeadLetterReasons.HandlerFailed, "Different.", Start),
            Entry("early", "s-1", "a/b", "t1", DeadLetterReasons.HandlerFailed, "Broken 5.", Start.AddTicks(-1)),
            Entry("late", "s-1", "a/b", "t1", DeadLetterReasons.HandlerFailed, "Broken 6.", Start.AddMilliseconds(100)),
            Entry("closed", "s-1", "a/b", "t1", DeadLetterReasons.HandlerFailed, "Broken 7.", Start, open: false));
        await WriteAsync(Entry("subject", "s-2", "a/b", "t1", DeadLetterReasons.HandlerFailed, "Broken 8.", Start));
        var all = new DeadLetterFilter();
        var print = Fingerprint.Of(new Failure(DeadLetterReasons.HandlerFailed, "Broken 9.")).Id;

        await AssertLeavesOutAsync(all with { Consumer = "a/b" }, "consumer");
        await AssertLeavesOutAsync(all with { Type = "t1" }, "type");
        await AssertLeavesOutAsync(all with { Reason = DeadLetterReasons.HandlerFailed }, "reason");
        await AssertLeavesOutAsync(all with { Fingerprint = print }, "cause", "reason");
        await AssertLeavesOutAsync(all with { From = Start }, "early");
        await AssertLeavesOutAsync(all with { To = Start.AddMilliseconds(100).ToOffset(TimeSpan.FromHours(5)) }, "late");
        await AssertLeavesOutAsync(all with { Open = true }, "closed");
        await AssertLeavesOutAsync(all with { Partition = "s-1" }, "subject");
        var narrow = all with
        {
            Consumer = "a/b",
            Partition = "s-1",
            Type = "t1",
            Reason = DeadLetterReasons.HandlerFailed,
            Fingerprint = print,
            From = Start,
            To = Start.AddMilliseconds(1),
            Open = true,
        };
        Assert.Equal([wanted.Id.Value], await IdsAsync(narrow));
        Assert.Equal([wanted.Id.Value], await IdsAsync(all with { Id = wanted.Id.Value }));
        Assert.Empty(await IdsAsync(all with { Partition = "s-3" }));
    }

    [Fact]
    public async Task Entries_without_a_fingerprint_are_listed_and_grouped_as_unknown()
    {
        await WriteAsync(Entry("new", "s-1", "a/b", "t1", DeadLetterReasons.HandlerFailed, "Broken.", Start));
        var old = JsonSerializer.SerializeToNode(Entry("old", "s-1", "a/b", null, DeadLetterReasons.HandlerFailed, "Broken.", Start), DeadLetterJson.Default.DeadLetter)!.AsObject();
        old.Remove("fingerprint");
        old.Remove("summary");
        using (var body = new MemoryStream(Encoding.UTF8.GetBytes(old.ToJsonString())))
            (await _process.Container(Names.Charges).CreateItemStreamAsync(body, new PartitionKey("s-1"))).EnsureSuccessStatusCode();

        Assert.Equal(["dl:old"], await IdsAsync(new DeadLetterFilter { Fingerprint = Fingerprint.Unknown }));
        Assert.Equal(Fingerprint.Unknown, (await DeadLetterQueries.FindAsync(Store, new Partition("s-1"), new DeadLetterId("dl:old"), default))!.Fingerprint);
        var groups = await GroupsAsync(new DeadLetterFilter { Open = true });
        Assert.Equal(2, groups.ToList().Count);
        Assert.Equal("dl:old", groups.ToList().Single(g => g.Fingerprint == Fingerprint.Unknown).Sample.Id);
    }

    [Fact]
    public async Task A_list_is_read_without_the_bodies()
    {
        await WriteAsync(Entry("large", "s-1", "a/b", "t1", DeadLetterReasons.HandlerFailed, "Broken.", Start, bodyBytes: 1_000_000));
        long largest = 0;
        _simulation.Configure = services => services.AddHttpClient(PipelineNames.Cosmos)
            .ConfigurePrimaryHttpMessageHandler(() => new Measuring(_simulation.Cosmos.CreateHandler(), bytes => largest = Math.Max(largest, bytes)));
        await using var process = _simulation.Start();

        Assert.Single((await DeadLetterQueries.ListAsync(process.Store(Names.Charges), new DeadLetterFilter(), 10, null, default)).Items);
        Assert.InRange(largest, 1, 100_000);
        Assert.NotNull((await DeadLetterQueries.ShowAsync(process.Store(Names.Charges), new Partition("s-1"), new DeadLetterId("dl:large"), default))!.Body);
        Assert.True(largest > 1_000_000);
    }

    [Fact]
    public async Task A_hundred_thousand_entries_are_grouped_page_by_page_and_listed_in_pages()
    {
        const int partitions = 1000;
        const int each = 100;
        await Parallel.ForAsync(0, partitions, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (p, _) => await WriteAsync(
            [.. Enumerable.Range(0, each).Select(i => Entry(
                Invariant($"{p}-{i}"), Invariant($"s-{p}"), i % 2 == 0 ? "a/b" : "a/c", Invariant($"t{i % 3}"), DeadLetterReasons.HandlerFailed, i % 10 == 0 ? Invariant($"Rare {p}.") : Invariant($"Often {i}."), Start.AddSeconds(p)))]));

        // One page at a time: what is held while grouping does not grow with the ledger.
        var groups = await GroupsAsync(new DeadLetterFilter { Open = true });

        Assert.Equal((partitions * each, 0), (groups.Total, groups.Ungrouped));
        var list = groups.ToList();
        Assert.Equal([90_000, 10_000], list.Select(g => g.Count));
        Assert.Equal("HandlerFailed: Rare 0.", list[1].Summary);
        Assert.Equal((Start, Start.AddSeconds(partitions - 1)), (list[0].FirstSeen, list[0].LastSeen));
        Assert.Equal(["a/b"], list[1].Consumers);
        Assert.Equal(["a/b", "a/c"], list[0].Consumers);
        Assert.Equal(["t0", "t1", "t2"], list[0].Types);
        Assert.Equal("s-0", list[1].Sample.Partition);

        var seen = new HashSet<string>();
        string? continuation = null;
        do
        {
            (var page, continuation) = await DeadLetterQueries.ListAsync(Store, new DeadLetterFilter { Fingerprint = list[1].Fingerprint }, 500, continuation, default);
            Assert.True(page.Count <= 500);
            Assert.All(page, item => Assert.True(seen.Add(item.Id)));
        }
        while (continuation is not null);
        Assert.Equal(10_000, seen.Count);
    }

    [Fact]
    public async Task There_are_never_more_groups_than_can_be_held_and_what_is_beyond_is_told()
    {
        // Every name without a digit is a message of its own.
        var names = Enumerable.Range(0, DeadLetterGroups.MaxGroups + 50).Select(i => string.Concat(i.ToString("D5", CultureInfo.InvariantCulture).Select(c => (char)('a' + c - '0')))).ToList();
        foreach (var chunk in names.Chunk(100))
            await WriteAsync([.. chunk.Select(name => Entry(name, "s-1", "a/b", "t1", "Reason", $"Cause {name}.", Start))]);

        var groups = await GroupsAsync(new DeadLetterFilter());

        Assert.Equal((DeadLetterGroups.MaxGroups, 50, names.Count), (groups.ToList().Count, groups.Ungrouped, groups.Total));
    }

    private async Task<DeadLetterGroups> GroupsAsync(DeadLetterFilter filter)
    {
        var groups = new DeadLetterGroups();
        await groups.AddAsync(Store, filter, default);
        return groups;
    }

    private async Task AssertLeavesOutAsync(DeadLetterFilter filter, params string[] left)
    {
        var all = await IdsAsync(new DeadLetterFilter());
        Assert.Equal(left.Select(id => "dl:" + id).Order(), all.Except(await IdsAsync(filter)).Order());
    }

    private async Task<List<string>> IdsAsync(DeadLetterFilter filter)
    {
        var ids = new List<string>();
        string? continuation = null;
        do
        {
            (var page, continuation) = await DeadLetterQueries.ListAsync(Store, filter, 3, continuation, default);
            ids.AddRange(page.Select(item => item.Id));
        }
        while (continuation is not null);
        return ids;
    }

    /// <summary>Writes entries of one partition, at most 100.</summary>
    private async Task WriteAsync(params DeadLetter[] entries)
    {
        var batch = _process.Container(Names.Charges).CreateTransactionalBatch(new PartitionKey(entries[0].Partition.Value));
        foreach (var entry in entries)
            batch.CreateItemStream(new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(entry, DeadLetterJson.Default.DeadLetter)));
        using var response = await batch.ExecuteAsync();
        Assert.True(response.IsSuccessStatusCode, response.ErrorMessage);
    }

    private static DeadLetter Entry(
        string id, string partition, string consumer, string? type, string reason, string description, DateTimeOffset at, bool open = true, int bodyBytes = 2)
    {
        var print = Fingerprint.Of(new Failure(reason, description));
        return new DeadLetter
        {
            Id = new DeadLetterId("dl:" + id),
            Partition = new Partition(partition),
            Consumer = new ConsumerName(consumer),
            Open = open,
            InOrder = true,
            Position = id,
            Reason = reason,
            Description = description,
            Fingerprint = print.Id,
            Summary = print.Summary,
            Type = type,
            Body = new byte[bodyBytes],
            CreatedAt = at,
        };
    }

    private sealed class Measuring(HttpMessageHandler inner, Action<long> measured) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            measured((await response.Content.ReadAsByteArrayAsync(cancellationToken)).Length);
            return response;
        }
    }
}
