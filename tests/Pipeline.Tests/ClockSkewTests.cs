using Azure.Messaging;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.AzureFunctions.EventGrid;
using Pipeline.AzureFunctions.ServiceBus;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Age is told by the sender's clock, memory by ours: what is dated too far ahead would outlive the memory of its handling.</summary>
public sealed class ClockSkewTests : IAsyncLifetime
{
    private const string Ordered = "vacancies";
    private const string Unordered = "bookings/statistics";
    private static readonly ConsumerOptions _options = new();
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    private readonly Simulation _simulation = new();
    private SimulatedProcess _process = null!;

    private DateTimeOffset Now => _simulation.Clock.GetUtcNow();

    public async Task InitializeAsync()
    {
        _process = _simulation.Start();
        await _process.SetRoomsAsync("a", 100);
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Theory]
    [InlineData(Ordered)]
    [InlineData(Unordered)]
    public async Task Rule2_What_is_dated_ahead_by_no_more_than_the_skew_is_handled(string consumer) =>
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(consumer, Now + _options.MaxClockSkew)).Kind);

    [Theory]
    [InlineData(Ordered)]
    [InlineData(Unordered)]
    public async Task G6_Rule2_What_is_further_ahead_is_a_dead_letter_that_says_why_and_can_be_replayed(string consumer)
    {
        var time = Now + _options.MaxClockSkew + _second;
        var settlement = await HandleAsync(consumer, time);

        Assert.Equal((SettlementKind.DeadLetter, DeadLetterReasons.DatedAhead), (settlement.Kind, settlement.Reason));
        Assert.Contains("ahead of this clock", settlement.Description, StringComparison.Ordinal);
        var entry = Assert.Single(await EntriesAsync(consumer));
        Assert.Equal((true, DeadLetterReasons.DatedAhead, consumer == Ordered), (entry.Open, entry.Reason, entry.InOrder));

        // It was not handled, so it keeps its place: what follows waits for it, at a consumer that keeps order.
        if (consumer == Ordered)
            Assert.Equal(DeadLetterReasons.BlockedByPredecessor, (await HandleAsync(consumer, Now, booking: "b-2")).Reason);
        await _process.ReplayAsync(new DeadLetterFilter { Open = true });
        await _process.RunUntilQuietAsync();
        Assert.All(await EntriesAsync(consumer), e => Assert.Equal(DeadLetterResults.Handled, e.Result));
    }

    [Fact]
    public async Task Rule2_In_a_batch_it_alone_is_a_dead_letter()
    {
        var settlements = await Runner(Unordered).HandleBatchAsync(
            [Message(Unordered, Now, "b-1"), Message(Unordered, Now.AddDays(2), "b-2"), Message(Unordered, Now, "b-3")], default);
        Assert.Equal([SettlementKind.Complete, SettlementKind.DeadLetter, SettlementKind.Complete], settlements.Select(s => s.Kind));
        Assert.Equal(DeadLetterReasons.DatedAhead, settlements[1].Reason);
    }

    [Fact]
    public async Task Rule2_Event_grid_is_told_that_it_is_done_with_it()
    {
        var cloudEvent = CloudEvent.Parse(BinaryData.FromBytes(Deliveries.Of(Made("b-1"), 1, time: Now.AddDays(2)).Body))!;
        await _process.Services.GetRequiredService<EventGridTriggers>().HandleEventAsync(Names.Mail, cloudEvent, default);
        Assert.Equal(DeadLetterReasons.DatedAhead, Assert.Single(await EntriesAsync(Names.Mail)).Reason);
    }

    [Theory]
    [InlineData(Ordered, 0)]
    [InlineData(Ordered, 1)]
    [InlineData(Unordered, 0)]
    [InlineData(Unordered, 1)]
    public async Task G4_The_memory_of_a_handling_outlives_what_could_be_accepted(string consumer, int skews)
    {
        var message = Message(consumer, Now + (skews * _options.MaxClockSkew));
        Assert.Equal(SettlementKind.Complete, (await Runner(consumer).HandleAsync(message, default)).Kind);
        var reserved = await ReservedAsync();

        // The last moment at which its age is no reason to refuse it.
        _simulation.Clock.Advance(_options.InboxTimeToLive + (skews * _options.MaxClockSkew));
        Assert.Equal(SettlementKind.Complete, (await Runner(consumer).HandleAsync(message, default)).Kind);
        Assert.Equal(reserved, await ReservedAsync());
        Assert.Empty(await EntriesAsync(consumer));

        _simulation.Clock.Advance(_options.InboxTimeToLive + TimeSpan.FromDays(1));
        Assert.Equal(DeadLetterReasons.Expired, (await Runner(consumer).HandleAsync(message, default)).Reason);
    }

    [Fact]
    public async Task G4_A_replay_of_what_was_dated_ahead_is_remembered_from_its_own_date_on()
    {
        await HandleAsync(Unordered, Now.AddDays(2));
        await _process.ReplayAsync(new DeadLetterFilter { Open = true });
        await _process.RunUntilQuietAsync();

        var inbox = Assert.Single(await Invariants.AllAsync(_process.Container(Names.Statistics), RecordKinds.Inbox));
        Assert.InRange(inbox.GetProperty("ttl").GetInt32(), (_options.InboxTimeToLive + TimeSpan.FromDays(2)).TotalSeconds - 120, (_options.InboxTimeToLive + TimeSpan.FromDays(2.1)).TotalSeconds);
    }

    [Fact]
    public async Task G4_An_idempotency_key_is_remembered_for_no_less()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        var inbox = Assert.Single(await Invariants.AllAsync(_process.Container(Names.Bookings), RecordKinds.Inbox));
        Assert.Equal((_options.InboxTimeToLive + (2 * _options.MaxClockSkew)).TotalSeconds, inbox.GetProperty("ttl").GetInt32());
        _simulation.Clock.Advance(_options.InboxTimeToLive + _options.MaxClockSkew);
        Assert.Equal(CommandOutcome.Repeated, (await _process.BookAsync("1", "g-1", ("a", 1))).Outcome);
    }

    /// <summary>Rule 2 is one: what the consumer says of a message, the function on the dead-letter queue says of it too.</summary>
    [Theory]
    [InlineData(Ordered, -31 * 24 * 60)]
    [InlineData(Ordered, 6)]
    [InlineData(Ordered, 2 * 24 * 60)]
    [InlineData(Unordered, -31 * 24 * 60)]
    [InlineData(Unordered, 6)]
    public async Task Rule2_The_dead_letter_queue_processor_goes_by_the_same_rule(string consumer, int minutes)
    {
        await HandleAsync(consumer, Now.AddMinutes(minutes));
        await DeadLetterQueueProcessorOf(consumer).HandleAsync(Message(consumer, Now.AddMinutes(minutes), "b-2").DeadLettered(), default);

        var entries = await EntriesAsync(consumer);
        Assert.Equal(2, entries.Count);
        Assert.Single(entries.Select(e => (e.Reason, e.InOrder)).Distinct());
        Assert.Contains("MaxDeliveryCountExceeded", entries.Single(e => e.Description.Contains("The broker", StringComparison.Ordinal)).Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rule2_The_dead_letter_queue_processor_goes_by_the_same_rule_for_what_is_out_of_order()
    {
        const string consumer = "bookings/charges";
        await Runner(consumer).HandleAsync(Deliveries.Of(new BookingCancelled("b-1", "Changed my mind."), 5), default);
        await Runner(consumer).HandleAsync(Deliveries.Of(Made("b-1"), 3), default);
        await DeadLetterQueueProcessorOf(consumer).HandleAsync(Deliveries.Of(Made("b-1"), 4).DeadLettered(), default);

        Assert.Equal([(DeadLetterReasons.OutOfOrder, false), (DeadLetterReasons.OutOfOrder, false)], (await EntriesAsync(consumer)).Select(e => (e.Reason, e.InOrder)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData((24 * 60 * 60) + 1)]
    public void A_skew_out_of_range_is_refused(int seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConsumerOptions { MaxClockSkew = TimeSpan.FromSeconds(seconds) }.Checked());

    [Fact]
    public void Whatever_the_dates_and_options_are_there_is_a_memory_in_seconds()
    {
        foreach (var options in new[] { _options, new ConsumerOptions { InboxTimeToLive = TimeSpan.MaxValue }, new ConsumerOptions { InboxTimeToLive = TimeSpan.Zero, MaxClockSkew = TimeSpan.Zero } })
        {
            foreach (var time in new DateTimeOffset?[] { null, DateTimeOffset.MinValue, Now, DateTimeOffset.MaxValue })
                Assert.InRange(options.MemorySeconds(time, Now), 1, int.MaxValue);
        }
    }

    private static BookingMade Made(string booking) => new(booking, "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]);

    private static ReceivedMessage Message(string consumer, DateTimeOffset time, string booking = "b-1") => consumer == Ordered
        ? Deliveries.Of(new ReserveRoom("a", booking, 4), source: "rooms", time: time, id: "reserve-" + booking)
        : Deliveries.Of(new BookingCompleted(booking, "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), 1, time: time);

    private Task<Settlement> HandleAsync(string consumer, DateTimeOffset time, string booking = "b-1") => Runner(consumer).HandleAsync(Message(consumer, time, booking), default);

    private ConsumerRunner Runner(string consumer) => _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer);

    private DeadLetterQueueProcessor DeadLetterQueueProcessorOf(string consumer) => _process.Services.GetRequiredService<ConsumerRunners>().DeadLetterQueueProcessorOf(consumer);

    private async Task<int> ReservedAsync() => (await _process.Vacancies.ReadAsync("room-a", default)).State!.Reserved;

    private async Task<List<DeadLetter>> EntriesAsync(string consumer)
    {
        var service = _process.Services.GetServices<Consumer>().Single(c => c.Name == consumer).Service;
        return [.. (await Invariants.AllAsync(_process.Container(service), RecordKinds.DeadLetter))
            .Select(e => System.Text.Json.JsonSerializer.Deserialize(e, DeadLetterJson.Default.DeadLetter)!).Where(e => e.Consumer.Value == consumer)];
    }
}
