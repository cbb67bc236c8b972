using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Feeds;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Parked records: what waits behind them, letting groups go, and giving one up so that its followers go on in order.</summary>
public sealed class QuarantineTests : IAsyncLifetime
{
    private static readonly DiscardReason What = new("The contract was a mistake.", "ann");

    private readonly Simulation _simulation = new();
    private readonly List<string> _sent = [];
    private Func<OutgoingMessage, bool> _refused = _ => false;
    private SimulatedProcess _process = null!;

    private CosmosPartitionStore Store => _process.Store(Names.Bookings);

    private Container Bookings => _process.Container(Names.Bookings);

    public Task InitializeAsync()
    {
        _simulation.Configure = services => services.AddSingleton<IMessageSender>(new Refusing(this));
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public async Task A_parked_record_is_listed_with_its_followers()
    {
        await ParkAsync("1");
        await ParkAsync("2", followers: 0);

        var parked = (await ListAsync()).OrderBy(p => p.Partition).ToList();

        Assert.Equal([("b-1", 1L, 1), ("b-2", 1L, 0)], parked.Select(p => (p.Partition, p.Number, p.Followers)));
        Assert.All(parked, p => Assert.Equal((false, null, "com.contoso.bookings.booking-made.v2"), (p.EventGridOnly, p.Discarded, p.Types[0])));
        Assert.Empty(await ListAsync(new QuarantineFilter { Reason = "another" }));
        Assert.Equal(2, (await ListAsync(new QuarantineFilter { Reason = "NOT TAKEN", Type = parked[0].Types[0] })).Count);
    }

    [Fact]
    public async Task G2_G3_A_discarded_record_is_kept_with_who_and_why_and_its_followers_go_on_in_order_by_the_feed_alone()
    {
        await ParkAsync("1");
        _refused = _ => false;

        Assert.Equal(DiscardOutcome.Discarded, await DiscardAsync(_process, "b-1"));
        while (await _process.FeedAsync(Relay))
        {
        }

        Assert.Equal(["bookings:b-1:2", "bookings:b-1:3"], _sent);
        Assert.Empty(await Invariants.AllAsync(Bookings, RecordKinds.Outbox));
        var kept = Assert.Single((await QuarantinedMessages.ListAsync(Store, new QuarantineFilter(), true, 10, null, default)).Items);
        Assert.Equal(("b-1", 1L, "ann", What.Reason), (kept.Partition, kept.Number, kept.Discarded!.By, kept.Discarded.Reason));
        Assert.Contains("not taken", kept.Reason, StringComparison.Ordinal);
        var record = Assert.Single(await Invariants.AllAsync(Bookings, RecordKinds.Discarded));
        Assert.Equal("bookings:b-1:1", record.GetProperty("messages")[0].GetProperty("event").GetProperty("id").GetString());
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task Repeating_a_discard_changes_nothing_and_only_what_is_parked_can_be_discarded()
    {
        await ParkAsync("1");
        Assert.Equal(DiscardOutcome.NotFound, await DiscardAsync(_process, "b-1", 2));
        Assert.Equal(DiscardOutcome.Discarded, await DiscardAsync(_process, "b-1"));
        _simulation.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(DiscardOutcome.AlreadyDiscarded, await DiscardAsync(_process, "b-1"));
        Assert.Equal(DiscardOutcome.Closed, await QuarantinedMessages.DiscardAsync(Store, new Partition("b-1"), 1, What with { By = "bob" }, _simulation.Clock.GetUtcNow(), default));
        Assert.Equal(DiscardOutcome.NotFound, await DiscardAsync(_process, "b-9"));
        Assert.Single(await Invariants.AllAsync(Bookings, RecordKinds.Discarded));
    }

    [Fact]
    public async Task A_record_that_is_resumed_meanwhile_is_not_discarded()
    {
        await ParkAsync("1");
        var plan = new FaultPlan();
        var resumed = false;
        _simulation.Configure += services => services.AddHttpClient(PipelineNames.Cosmos).ConfigurePrimaryHttpMessageHandler(() => new Before(_simulation.Cosmos.CreateHandler(), async request =>
        {
            // Right before the batch that discards.
            if (resumed || !request.Headers.Contains("x-ms-cosmos-is-batch-request"))
                return;
            resumed = true;
            Assert.True(await QuarantinedMessages.ReleaseAsync(Store, new Partition("b-1"), 1, default));
        }));
        await using var other = _simulation.Start(plan);

        Assert.Equal(DiscardOutcome.NotFound, await DiscardAsync(other, "b-1"));

        Assert.True(resumed);
        Assert.Equal(2, (await Invariants.AllAsync(Bookings, RecordKinds.Outbox)).Count);
        Assert.Empty(await Invariants.AllAsync(Bookings, RecordKinds.Discarded));
    }

    [Fact]
    public async Task G9_A_crash_at_any_io_of_a_discard_leaves_it_done_or_not_done()
    {
        for (var at = 1; at <= 10; at++)
        {
            foreach (var before in new[] { true, false })
            {
                var key = Invariant($"{at}{(before ? "b" : "a")}");
                await ParkAsync(key);
                var ios = 0;
                await using (var process = _simulation.Start())
                {
                    using (await process.Store(Names.Bookings).ReadAsync(new Partition("warm"), _ => [], default))
                        ios = process.Plan.Count;
                }

                var plan = new FaultPlan { CrashAt = ios + at, Before = before };
                await using var dying = _simulation.Start(plan);
                using (await dying.Store(Names.Bookings).ReadAsync(new Partition("warm"), _ => [], default))
                {
                }

                try
                {
                    await DiscardAsync(dying, "b-" + key);
                }
                catch (Exception) when (plan.IsDead)
                {
                }

                // The record is in the outbox or kept as discarded, never in both places and never in none.
                var ids = (await Invariants.AllAsync(Bookings, null)).Where(r => r.GetProperty("pk").GetString() == "b-" + key).Select(r => r.GetProperty("id").GetString()).ToList();
                Assert.Single(ids, id => id is "out:0000000000000000001" or "discarded:0000000000000000001");
                await DiscardAsync(_process, "b-" + key);
                Assert.Empty(await ListAsync());
                if (plan.IsDead)
                    continue;

                // Both records side by side, and the batch.
                Assert.Equal(4, at);
                _refused = _ => false;
                await _process.RunUntilQuietAsync();
                Assert.Equal(7, _sent.Count(id => id.EndsWith(":2", StringComparison.Ordinal) && id.StartsWith("bookings:b-", StringComparison.Ordinal)));
                Assert.DoesNotContain(_sent, id => id.StartsWith("bookings:b-", StringComparison.Ordinal) && id.EndsWith(":1", StringComparison.Ordinal));
                return;
            }
        }

        Assert.Fail("A discard takes more I/O than expected.");
    }

    [Fact]
    public async Task A_group_is_let_go_step_by_step_and_what_is_parked_anew_is_not_taken_up_again()
    {
        for (var i = 1; i <= 5; i++)
            await ParkAsync(Invariant($"{i}"));
        _simulation.Clock.Advance(TimeSpan.FromSeconds(1));
        var filter = new QuarantineFilter { Reason = "not taken", Before = _simulation.Clock.GetUtcNow() };
        _simulation.Clock.Advance(TimeSpan.FromSeconds(1));
        _refused = m => m.MessageId == "bookings:b-3:1";

        Assert.Equal((2, true), await QuarantinedMessages.ReleaseGroupAsync([Store], filter, 2, default));
        while (await _process.FeedAsync(Relay))
        {
        }

        Assert.Equal((3, false), await QuarantinedMessages.ReleaseGroupAsync([Store], filter, 10, default));
        while (await _process.FeedAsync(Relay))
        {
        }

        _simulation.Clock.Advance(TimeSpan.FromMinutes(1));
        await Relay.SweepAsync(default);
        Assert.Equal((0, false), await QuarantinedMessages.ReleaseGroupAsync([Store], filter, 10, default));
        Assert.Equal(("b-3", 1), (Assert.Single(await ListAsync()).Partition, (await ListAsync())[0].Followers));
        Assert.Equal(4, _sent.Count(id => id.EndsWith(":1", StringComparison.Ordinal)));
        foreach (var booking in new[] { "b-1", "b-2", "b-4", "b-5" })
            Assert.True(_sent.IndexOf($"bookings:{booking}:1") < _sent.IndexOf($"bookings:{booking}:2"));
    }

    private Relay Relay => _process.Relays.Single(r => r.Name == Names.Bookings);

    /// <summary>A booking whose BookingMade is refused, with BookingCancelled behind it.</summary>
    private async Task ParkAsync(string key, int followers = 1)
    {
        _refused = m => m.MessageId.EndsWith(":1", StringComparison.Ordinal);
        await _process.BookAsync(key, "g-1", ("a", 1));
        if (followers > 0)
            await _process.CancelAsync("b-" + key);
        while (await _process.FeedAsync(Relay))
        {
        }
    }

    private Task<DiscardOutcome> DiscardAsync(SimulatedProcess process, string partition, long number = 1) =>
        QuarantinedMessages.DiscardAsync(process.Store(Names.Bookings), new Partition(partition), number, What, _simulation.Clock.GetUtcNow(), default);

    private async Task<IReadOnlyList<QuarantinedMessageSummary>> ListAsync(QuarantineFilter? filter = null) =>
        (await QuarantinedMessages.ListAsync(Store, filter ?? new QuarantineFilter(), false, 100, null, default)).Items;

    private sealed class Refusing(QuarantineTests test) : IMessageSender
    {
        public Task SendAsync(string destination, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
        {
            if (messages.Any(test._refused))
                throw new MessageRefusedException("It was not taken.");
            lock (test._sent)
                test._sent.AddRange(messages.Select(m => m.MessageId));
            return Task.CompletedTask;
        }
    }

    private sealed class Before(HttpMessageHandler inner, Func<HttpRequestMessage, Task> first) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await first(request);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
