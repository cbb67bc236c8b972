using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.ServiceBus;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Messages;
using Pipeline.Operations;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>A flow shows what waits in the broker, at which consumer and since when, and events that nobody gets; the status counts it.</summary>
public sealed class FlowLegTests : IAsyncLifetime
{
    private readonly Simulation _simulation = new();
    private SimulatedProcess _process = null!;

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
    public async Task Every_leg_that_the_topology_expects_waits_since_it_was_published()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        Assert.Equal(2, (await LegsAsync("b-1")).Open.Count(o => o.State == PendingMessage.Unpublished));
        Assert.Empty((await LegsAsync("b-1")).Legs);
        var published = _simulation.Clock.GetUtcNow();
        await FeedAsync(Names.Bookings);
        _simulation.Clock.Advance(TimeSpan.FromMinutes(3));

        var legs = (await LegsAsync("b-1")).Legs;

        Assert.Equal(["bookings/charges", "bookings/keys", "bookings/rooms", "mail"], legs.Select(l => l.Consumer).Order(StringComparer.Ordinal));
        Assert.All(legs, l => Assert.Equal((PendingMessage.Waiting, "b-1", 1L), (l.State, l.Subject, l.Sequence)));
        Assert.All(legs.Where(l => l.Consumer != "mail"), l => Assert.Equal((published, published), (l.WaitingSince, l.PublishedAt)));
        Assert.Contains("bookings/rooms does not run", legs.Single(l => l.Consumer == "bookings/rooms").Reason, StringComparison.Ordinal);

        // What is handled waits no more; the others do.
        await _process.ConsumeAsync("bookings/rooms");
        var left = (await LegsAsync("b-1")).Legs;
        Assert.DoesNotContain(left, l => l.Consumer == "bookings/rooms");
        Assert.Contains(left, l => l.Consumer == "bookings/charges");
    }

    [Fact]
    public async Task The_status_names_messages_and_the_oldest_per_consumer_and_who_is_not_run()
    {
        for (var i = 1; i <= 3; i++)
            await _process.BookAsync(Invariant($"{i}"), "g-1", ("a", 1));
        var sent = _simulation.Clock.GetUtcNow();
        await FeedAsync(Names.Bookings);

        var young = (await LookAsync()).Of(new("bookings/rooms"))!.Status;
        Assert.Equal((3, false, null), (young.Waiting, young.More, young.Problem));
        _simulation.Clock.Advance(TimeSpan.FromMinutes(2));
        await _process.ConsumeAsync("bookings/charges");
        var look = await LookAsync();

        var rooms = look.Of(new("bookings/rooms"))!.Status;
        Assert.Equal((3, QueueStatus.NotRun), (rooms.Waiting, rooms.Problem));
        Assert.Equal((sent, "com.contoso.bookings.booking-made.v2", 0), (rooms.Oldest!.Since, rooms.Oldest.Type, rooms.Oldest.Deliveries));
        Assert.StartsWith("b-", rooms.Oldest.Subject, StringComparison.Ordinal);
        Assert.Equal((0, null), (look.Of(new("bookings/charges"))!.Status.Waiting, look.Of(new("bookings/charges"))!.Status.Problem));
        Assert.Null(look.Error);
        Assert.Equal(look.Queues.Sum(q => q.Status.Waiting), look.Status.Waiting);
    }

    [Fact]
    public async Task A_consumer_that_is_behind_but_works_is_not_called_not_run()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        await _process.BookAsync("2", "g-1", ("a", 1));
        await FeedAsync(Names.Bookings);
        _simulation.Clock.Advance(TimeSpan.FromMinutes(2));
        await _process.HandleNextAsync("bookings/rooms");

        var queue = (await LookAsync()).Of(new("bookings/rooms"))!.Status;

        Assert.Equal((2, null), (queue.Waiting, queue.Problem)); // What was handled is not settled yet.
    }

    [Fact]
    public async Task Of_many_messages_a_bounded_number_is_counted_and_said_to_be_more()
    {
        for (var i = 1; i <= ServiceBusInspector.MostMessages + 5; i++)
            await _process.BookAsync(Invariant($"{i}"), "g-1", ("a", 1));
        while (await _process.FeedAsync(_process.Relays.Single(r => r.Name == Names.Bookings)))
        {
        }

        var queue = (await LookAsync()).Of(new("bookings/rooms"))!.Status;
        Assert.Equal((ServiceBusInspector.MostMessages, true), (queue.Waiting, queue.More));
    }

    [Fact]
    public async Task A_message_that_its_consumer_gives_back_again_and_again_is_named_with_its_deliveries()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        await FeedAsync(Names.Bookings);
        for (var i = 1; i <= 3; i++)
        {
            await using var session = await _process.Services.GetRequiredService<ServiceBusClient>().AcceptNextSessionAsync("bookings", "rooms");
            await session.AbandonMessageAsync((await session.ReceiveMessageAsync())!);
        }

        _simulation.Clock.Advance(TimeSpan.FromMinutes(2));
        var queue = (await LookAsync()).Of(new("bookings/rooms"))!.Status;

        Assert.Equal((QueueStatus.GivenBack, 3), (queue.Problem, queue.Oldest!.Deliveries));
        Assert.Contains("given the message bookings:b-1:1 of b-1 back 3 times", queue.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_is_given_back_without_a_failed_delivery_is_named_with_its_cause_by_any_instance()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        await FeedAsync(Names.Bookings);
        using (var lost = await _process.Container(Names.Rooms).UpsertItemStreamAsync(
            new MemoryStream("""{"id":"head","pk":"b-1","kind":"head","consumers":7}"""u8.ToArray()), new Microsoft.Azure.Cosmos.PartitionKey("b-1")))
            lost.EnsureSuccessStatusCode();
        _simulation.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(Consumers.SettlementKind.GiveBack, (await _process.HandleNextAsync("bookings/rooms")).Kind);
        Assert.Equal(Consumers.SettlementKind.GiveBack, (await _process.HandleNextAsync("bookings/rooms")).Kind);

        // Another process than the one that gave it back.
        await using var other = _simulation.Start();
        var queue = (await other.Services.GetRequiredService<ServiceBusInspector>().LookAsync(default)).Of(new("bookings/rooms"))!.Status;

        Assert.Equal(QueueStatus.GivenBack, queue.Problem);
        Assert.Contains("of b-1 back 2 times since ", queue.Detail, StringComparison.Ordinal);
        Assert.Contains("its head cannot be read", queue.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_lies_in_a_dead_letter_queue_is_counted_and_told_when_nobody_takes_it_in()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        await FeedAsync(Names.Bookings);
        await _process.DeadLetterNextAsync("bookings/rooms");

        var first = (await LookAsync()).Of(new("bookings/rooms"))!.Status;
        Assert.Equal((1, null), (first.DeadLetterQueue, first.Problem));
        Assert.Contains("in the dead-letter queue", (await LegsAsync("b-1")).Legs.Single(l => l.Consumer == "bookings/rooms").Reason, StringComparison.Ordinal);
        _simulation.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(QueueStatus.NotProcessed, (await LookAsync()).Of(new("bookings/rooms"))!.Status.Problem);
        await _process.TakeInAsync("bookings/rooms");
        _simulation.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((0, null), await LookAsync() is var look ? (look.Of(new("bookings/rooms"))!.Status.DeadLetterQueue, look.Of(new("bookings/rooms"))!.Status.Problem) : default);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_is_said_as_such_and_looked_at_again_after_a_moment()
    {
        var client = new SilentClient();
        _simulation.Configure = services => services.AddSingleton<ServiceBusClient>(client);
        await using var process = _simulation.Start();

        var look = await process.Services.GetRequiredService<ServiceBusInspector>().LookAsync(default);
        var again = await process.Services.GetRequiredService<ServiceBusInspector>().LookAsync(default);

        Assert.StartsWith("The broker does not answer: The namespace is gone.", look.Error, StringComparison.Ordinal);
        Assert.All(look.Queues, q => Assert.Equal(QueueStatus.Unreachable, q.Status.Problem));
        Assert.Same(look, again);
        var asked = client.Asked;
        _simulation.Clock.Advance(TimeSpan.FromSeconds(6));
        await process.Services.GetRequiredService<ServiceBusInspector>().LookAsync(default);
        Assert.True(client.Asked > asked);
    }

    [Fact]
    public async Task G8_An_event_without_a_consumer_stays_with_when_it_was_published_and_that_nobody_listens()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        await _process.RunUntilQuietAsync();

        var (_, open, legs) = await LegsAsync("b-1");

        var told = open.Where(o => o.Type == "com.contoso.mails.mail-sent.v1").ToList();
        Assert.NotEmpty(told);
        Assert.All(told, t => Assert.Equal((PendingMessage.Published, null, "No consumer gets events of this type."), (t.State, t.Consumer, t.Reason)));
        Assert.All(told, t => Assert.True(t.PublishedAt >= t.CommittedAt));
        Assert.DoesNotContain(legs, l => l.Type == "com.contoso.mails.mail-sent.v1");

        // It takes the place of the outbox record, without data, and expires.
        var kept = await Invariants.AllAsync(_process.Container(Names.Mails), RecordKinds.Published);
        Assert.Equal(told.Count, kept.Count);
        Assert.All(kept, k => Assert.InRange(k.GetProperty("ttl").GetInt32(), 1, 31 * 24 * 3600));
        Assert.All(kept, k => Assert.False(k.GetProperty("messages")[0].GetProperty("event").TryGetProperty("data", out _)));
        Assert.All(kept, k => Assert.InRange(k.GetRawText().Length, 1, 900));
        Assert.Empty(await Invariants.AllAsync(_process.Container(Names.Mails), RecordKinds.Outbox));
        Assert.Equal(0, (await ContainerStatusReader.ReadAsync(_process.Store(Names.Mails), _simulation.Clock, default)).Unpublished);

        // Where every event has a consumer nothing stays.
        Assert.Empty(await Invariants.AllAsync(_process.Container(Names.Bookings), RecordKinds.Published));
    }

    [Fact]
    public async Task What_was_discarded_is_said_to_be_and_does_not_wait()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        await FeedAsync(Names.Bookings);
        await _process.DeadLetterNextAsync("bookings/rooms");
        await _process.TakeInAsync("bookings/rooms");
        var entry = (await DeadLetterQueries.ListAsync(_process.Store(Names.Rooms), new DeadLetterFilter(), 10, null, default)).Items.Single();
        await _process.Services.GetRequiredService<DeadLetterDiscarder>().DiscardAsync(_process.Store(Names.Rooms), new Partition("b-1"), new DeadLetterId(entry.Id), new DiscardReason("Not ours.", "ann"), default);

        var (_, open, legs) = await LegsAsync("b-1");

        var step = Assert.Single(open, o => o.Consumer == "bookings/rooms");
        Assert.Equal((PendingMessage.Discarded, "discarded by ann: Not ours."), (step.State, step.Reason));
        Assert.DoesNotContain(legs, l => l.Consumer == "bookings/rooms");
    }

    [Fact]
    public async Task What_is_nowhere_is_told_as_missing_but_not_what_may_be_on_its_way()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        foreach (var record in await Invariants.AllAsync(_process.Container(Names.Bookings), RecordKinds.Outbox))
            await _process.Container(Names.Bookings).DeleteItemStreamAsync(record.GetProperty("id").GetString(), new Microsoft.Azure.Cosmos.PartitionKey("b-1"));

        Assert.All((await LegsAsync("b-1")).Legs, l => Assert.Equal(PendingMessage.Waiting, l.State));
        _simulation.Clock.Advance(TimeSpan.FromMinutes(2));
        var legs = (await LegsAsync("b-1")).Legs;
        Assert.All(legs.Where(l => l.Consumer != "mail"), l => Assert.Equal(PendingMessage.Missing, l.State));
        Assert.NotEmpty(legs);
    }

    private async Task<BrokerContents> LookAsync()
    {
        _simulation.Clock.Advance(TimeSpan.FromSeconds(6)); // What was seen before is not new enough.
        return await _process.Services.GetRequiredService<ServiceBusInspector>().LookAsync(default);
    }

    private Task FeedAsync(string container) => _process.FeedAsync(_process.Relays.Single(r => r.Name == container));

    private async Task<(List<HandledMessageSummary> Handled, List<PendingMessage> Open, IReadOnlyList<PendingMessage> Legs)> LegsAsync(string flow)
    {
        var stores = _process.Services.GetRequiredService<Stores>().All;
        var catalog = _process.Services.GetRequiredService<MessageCatalog>();
        var open = new List<PendingMessage>();
        var handled = new List<HandledMessageSummary>();
        foreach (var store in stores)
        {
            open.AddRange(await PendingMessage.OfCorrelationAsync(store, catalog, flow, default));
            handled.AddRange(await Flows.OfCorrelationAsync(store, flow, default));
        }

        return (handled, open, FlowLegs.Of(handled, open, _process.Services.GetRequiredService<Listeners>(), catalog, await LookAsync()));
    }

    /// <summary>A namespace that is gone.</summary>
    private sealed class SilentClient : ServiceBusClient
    {
        private int _asked;

        public int Asked => _asked;

        public override ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options) => Fail();

        public override ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName, ServiceBusReceiverOptions options) => Fail();

        private ServiceBusReceiver Fail()
        {
            Interlocked.Increment(ref _asked);
            throw new ServiceBusException("The namespace is gone.", ServiceBusFailureReason.GeneralError);
        }
    }
}
