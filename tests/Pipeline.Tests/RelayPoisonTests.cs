using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.BookingApp;
using Pipeline.Contracts;
using Pipeline.Feeds;
using Pipeline.Messages;
using Pipeline.Outbox;

namespace Pipeline.Tests;

/// <summary>Records that cannot be published, among very many that can.</summary>
public sealed class RelayPoisonTests
{
    private const string Known = "com.contoso.bookings.booking-cancelled.v1";
    private const string Unknown = "com.contoso.bookings.booking-drafted.v1";

    [Fact]
    public async Task G2_G3_G5_One_record_of_ten_thousand_that_cannot_be_published_parks_its_own_subject_and_delays_no_other()
    {
        const int subjects = 500;
        const int each = 20;
        var clean = await RunAsync(subjects, each, (_, _) => false);
        Assert.Equal(subjects * each, clean.Rounds.Count);

        var poisoned = await RunAsync(subjects, each, (subject, number) => subject == 250 && number == 10);

        // The record and its ten followers are kept, in order; everything else is published, in the same round as without it.
        Assert.Equal(Enumerable.Range(10, 11).Select(n => (long)n), poisoned.Left);
        var others = clean.Rounds.Where(r => !(r.Key.StartsWith("bookings:b-250:", StringComparison.Ordinal) && NumberOf(r.Key) >= 10)).ToDictionary();
        Assert.Equal(subjects * each - 11, others.Count);
        Assert.Equal(others.OrderBy(r => r.Key, StringComparer.Ordinal), poisoned.Rounds.OrderBy(r => r.Key, StringComparer.Ordinal));
        Assert.All(poisoned.Order.GroupBy(id => id[..id.LastIndexOf(':')]), s => Assert.Equal(s.Select(NumberOf).Order(), s.Select(NumberOf)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task G3_A_corrected_contract_or_limit_lets_a_whole_group_go_in_order(bool isContract)
    {
        const int subjects = 40;
        await using var simulation = new Simulation();
        var sender = new RecordingSender { MostBytes = isContract ? int.MaxValue : 2_000 };
        var isKnown = !isContract;
        simulation.Configure = services =>
        {
            Compose(services, sender);
            services.AddSingleton(_ => isKnown ? WithUnknown() : TestedApp.Messages);
        };
        await using (var process = simulation.Start())
        {
            for (var i = 0; i < subjects; i++)
                await WriteAsync(process.Container(Names.Bookings), i, 3, n => n == 1 ? isContract ? Unknown : Known : Known, n => !isContract && n == 1 ? 3_000 : 1);
            while (await process.FeedAsync(RelayOf(process)))
            {
            }

            Assert.Empty(sender.Sent);
            var (parked, _) = await QuarantinedMessages.ListAsync(process.Store(Names.Bookings), new QuarantineFilter(), false, 100, null, default);
            Assert.Equal(subjects, parked.Count);
            Assert.All(parked, p => Assert.Equal((1L, 2), (p.Number, p.Followers)));
        }

        isKnown = true;
        sender.MostBytes = int.MaxValue;
        await using var corrected = simulation.Start();
        var filter = new QuarantineFilter { Reason = isContract ? "UnknownContract" : "too large", Before = simulation.Clock.GetUtcNow().AddSeconds(1) };
        var (resumed, _) = await QuarantinedMessages.ReleaseGroupAsync([corrected.Store(Names.Bookings)], filter, 1000, default);
        Assert.Equal(subjects, resumed);
        while (await corrected.FeedAsync(RelayOf(corrected)))
        {
        }

        // The feed tells only of the records that were let go; what waited behind them is the sweep's.
        simulation.Clock.Advance(TimeSpan.FromMinutes(1));
        await RelayOf(corrected).SweepAsync(default);

        Assert.Equal(subjects * 3, sender.Sent.Count);
        Assert.All(sender.Sent.GroupBy(id => id[..id.LastIndexOf(':')]), s => Assert.Equal([1, 2, 3], s.Select(NumberOf)));
        Assert.Empty(await Invariants.AllAsync(corrected.Container(Names.Bookings), "outbox"));
    }

    private static async Task<(Dictionary<string, int> Rounds, List<string> Order, List<long> Left)> RunAsync(
        int subjects, int each, Func<int, int, bool> isPoison)
    {
        await using var simulation = new Simulation();
        var sender = new RecordingSender();
        simulation.Configure = services => Compose(services, sender);
        await using var process = simulation.Start();
        var container = process.Container(Names.Bookings);
        await Parallel.ForAsync(0, subjects, async (i, _) => await WriteAsync(container, i, each, n => isPoison(i, n) ? Unknown : Known, _ => 1));

        // As the feed would bring them if all subjects were written to at the same time.
        var documents = (await Invariants.AllAsync(container, "outbox"))
            .OrderBy(d => d.GetProperty("first").GetInt32()).ThenBy(d => d.GetProperty("pk").GetString(), StringComparer.Ordinal);
        var rounds = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (page, round) in documents.Chunk(100).Select((page, round) => (page, round)))
        {
            var before = sender.Sent.Count;
            await RelayOf(process).OnFeedAsync(page, default);
            foreach (var id in sender.Sent.Skip(before))
                rounds.Add(id, round);
        }

        var left = (await Invariants.AllAsync(container, "outbox")).Select(d => d.GetProperty("first").GetInt64()).Order().ToList();
        return (rounds, sender.Sent, left);
    }

    /// <summary>Without Event Grid, whose leg is another one.</summary>
    private static void Compose(IServiceCollection services, RecordingSender sender)
    {
        services.AddSingleton<IMessageSender>(sender);
        services.AddSingleton<IEventPublisher>(_ => null!);
    }

    private static Relay RelayOf(SimulatedProcess process) => process.Relays.Single(r => r.Name == Names.Bookings);

    private static int NumberOf(string id) => int.Parse(id[(id.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    private static MessageCatalog WithUnknown() => new(TestedApp.Messages.All.Append(new MessageType
    {
        Name = Unknown,
        DataType = typeof(JsonElement),
        Kind = MessageKind.Event,
        Destination = Names.Bookings,
        Key = _ => "",
        Json = BookingJson.Default.BookingCompleted,
    }));

    private static async Task WriteAsync(Container container, int subject, int records, Func<int, string> typeOf, Func<int, int> bytesOf)
    {
        var pk = Invariant($"b-{subject}");
        var batch = container.CreateTransactionalBatch(new PartitionKey(pk));
        batch.CreateItem(new { id = "head", pk, kind = "head", number = records, commits = records, consumers = new { } });
        for (var n = 1; n <= records; n++)
        {
            batch.CreateItem(new
            {
                id = Invariant($"out:{n:D19}"),
                pk,
                kind = "outbox",
                first = n,
                last = n,
                committedAt = DateTimeOffset.UnixEpoch,
                messages = new[]
                {
                    new
                    {
                        number = n,
                        to = Names.Bookings,
                        @event = new { specversion = "1.0", id = Invariant($"bookings:{pk}:{n}"), source = "bookings", type = typeOf(n), partitionkey = pk, data = new { text = new string('x', bytesOf(n)) } },
                    },
                },
            });
        }

        using var response = await batch.ExecuteAsync();
        Assert.True(response.IsSuccessStatusCode, response.ErrorMessage);
    }

    private sealed class RecordingSender : IMessageSender
    {
        public int MostBytes { get; set; } = int.MaxValue;

        public List<string> Sent { get; } = [];

        public Task SendAsync(string destination, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
        {
            if (messages.FirstOrDefault(m => m.Body.Length > MostBytes) is { } large)
                throw new MessageRefusedException($"'{large.MessageId}' is too large.");
            lock (Sent)
                Sent.AddRange(messages.Select(m => m.MessageId));
            return Task.CompletedTask;
        }
    }
}
