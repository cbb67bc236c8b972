using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.AzureFunctions.ServiceBus;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Local.Cosmos;
using Pipeline.Storage;
using Pipeline.Tests.Deployment;
using SettlementKind = Pipeline.Consumers.SettlementKind;
using Partition = Pipeline.Storage.Partition;

namespace Pipeline.Tests;

/// <summary>Cosmos DB out of reach: no message is at fault, whatever the broker counts, and none is overtaken.</summary>
public sealed class StoreOutageTests : IAsyncLifetime
{
    private const string Consumer = "bookings/charges";
    private static readonly TimeSpan _requestTimeout = TimeSpan.FromSeconds(20);

    private readonly Simulation _simulation = new();
    private readonly ConsumerOptions _options = new();
    private SimulatedProcess _process = null!;
    private int _requests;

    private static BookingMade Made => new("b-1", "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]);

    private static BookingCancelled Cancelled => new("b-1", "Changed my mind.");

    private Container Charges => _process.Container(Names.Charges);

    private ConsumerRunner Runner => _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(Consumer);

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
    public async Task Rule7_The_wait_grows_with_every_give_back_so_that_the_deliveries_of_the_broker_last_for_hours()
    {
        BreakCosmos();
        var start = _simulation.Clock.GetUtcNow();
        var delivery = Deliveries.Of(Made, 1);
        var longest = TimeSpan.Zero;
        for (var number = 1; number <= 100; number++)
        {
            var began = _simulation.Clock.GetUtcNow();
            Assert.Equal(SettlementKind.GiveBack, (await Runner.HandleAsync(delivery, default)).Kind);
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, (_simulation.Clock.GetUtcNow() - began).Ticks));
            delivery = GivenBack(delivery);
        }

        Assert.True(_simulation.Clock.GetUtcNow() - start > TimeSpan.FromHours(6), "The deliveries were used up too soon.");

        // One more attempt may begin right before the patience is over; it takes six requests. The note why takes one more, and not for long.
        Assert.InRange(longest, _options.LongestStoreOutageTimeout, _options.LongestStoreOutageTimeout + (8 * _requestTimeout));
        var host = Repository.Json("host.json").GetProperty("extensions").GetProperty("serviceBus");
        Assert.True(_options.LongestStoreOutageTimeout < host.GetProperty("maxAutoLockRenewalDuration").Deserialize<TimeSpan>(), "Locks are not renewed for that long.");
        Assert.Equal(100, Repository.Json("tests/apps/bookings/bookings-topology.json").GetProperty("serviceBus").GetProperty("maxDeliveryCount").GetInt32());
        Restore();
        Assert.Equal(SettlementKind.Complete, (await Runner.HandleAsync(delivery, default)).Kind);
    }

    [Theory]
    [InlineData("49/49", 50, SettlementKind.Complete)]
    [InlineData("45/49", 50, SettlementKind.Complete)]
    [InlineData("44/49", 50, SettlementKind.DeadLetter)]
    [InlineData("50/50", 50, SettlementKind.DeadLetter)]
    [InlineData("99/99", 6, SettlementKind.DeadLetter)]
    [InlineData("2147483647/5", 6, SettlementKind.DeadLetter)]
    [InlineData("forged", 6, SettlementKind.DeadLetter)]
    public async Task Rule5_Give_backs_do_not_count_and_a_note_that_cannot_be_ours_does_not_either(string note, int deliveryCount, SettlementKind expected)
    {
        var delivery = Deliveries.Of(Made, 1, deliveryCount: deliveryCount) with { Properties = new Dictionary<string, string> { [ReceivedMessage.GivenBackProperty] = note } };
        Assert.Equal(expected, (await Runner.HandleAsync(delivery, default)).Kind);
    }

    [Fact]
    public async Task Rule7_A_store_that_is_back_within_the_wait_is_noticed_at_once()
    {
        _simulation.Cosmos.OnRequest = _ => new(++_requests <= 20 ? CosmosFault.Reply(503) : CosmosFault.None);
        var began = _simulation.Clock.GetUtcNow();

        Assert.Equal(SettlementKind.Complete, (await Runner.HandleAsync(GivenBack(Deliveries.Of(Made, 1)), default)).Kind);

        Assert.InRange(_simulation.Clock.GetUtcNow() - began, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Rule7_A_host_that_stops_gets_the_message_back_without_waiting()
    {
        using var stopping = new CancellationTokenSource();
        _simulation.Cosmos.OnRequest = async _ =>
        {
            if (++_requests == 3)
                await stopping.CancelAsync();
            return CosmosFault.Reply(503);
        };
        var began = _simulation.Clock.GetUtcNow();

        Assert.Equal(SettlementKind.GiveBack, (await Runner.HandleAsync(GivenBack(Deliveries.Of(Made, 1)), stopping.Token)).Kind);

        Assert.Equal(3, _requests);
        Assert.InRange(_simulation.Clock.GetUtcNow() - began, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Rule7_The_messages_of_a_batch_share_one_wait_because_their_locks_are_not_renewed()
    {
        // One attempt each, so that they can be counted.
        _simulation.Configure = services => services.AddSingleton(new ConsumerOptions { StoreOutageTimeout = TimeSpan.Zero });
        await using var process = _simulation.Start();
        var batch = Enumerable.Range(1, 90).Select(i => Deliveries.Of(
            new BookingCompleted(string.Create(CultureInfo.InvariantCulture, $"b-{i}"), "g-1", "EUR", 10m, [new BookedRoom(string.Create(CultureInfo.InvariantCulture, $"s{i}"), 1, 10m)]),
            time: _simulation.Clock.GetUtcNow())).ToList();
        var requests = 0;
        _simulation.Cosmos.OnRequest = _ =>
        {
            Interlocked.Increment(ref requests);
            return new(CosmosFault.Reply(503));
        };
        await process.Services.GetRequiredService<ConsumerRunners>().RunnerOf("bookings/statistics").HandleAsync(batch[0], default);
        var perAttempt = Interlocked.Exchange(ref requests, 0);

        var settlements = await process.Services.GetRequiredService<ConsumerRunners>().RunnerOf("bookings/statistics").HandleBatchAsync(batch, default);

        // Together, and then by themselves only those that were tried at the same time: 16.
        Assert.All(settlements, s => Assert.Equal(SettlementKind.GiveBack, s.Kind));
        Assert.InRange(requests, perAttempt, (90 + 16) * perAttempt);
    }

    /// <summary>The whole way, with the real broker and its limit of 100.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task G2_G3_An_outage_that_outlasts_the_deliveries_of_the_broker_loses_nothing_and_what_it_dead_lettered_is_retried_by_itself(bool isFollowerTakenInFirst)
    {
        await SendAsync(Deliveries.Of(Made, 1), Deliveries.Of(Cancelled, 2));
        await ExhaustAsync();
        await ExhaustAsync();
        Assert.Equal((0, 2), (_simulation.Broker.Counts(Consumer).Active, _simulation.Broker.Counts(Consumer).DeadLettered));

        Restore();
        if (isFollowerTakenInFirst)
            await TakeInSecondAsync();
        await _process.TakeInAsync(Consumer);
        var entries = await EntriesAsync();
        Assert.Equal([1L, 2L], entries.Select(e => e.Sequence!.Value));
        Assert.All(entries, e => Assert.True(e is { Open: true, InOrder: true, RetryAt: not null }));
        Assert.Equal(entries[0].Id, (await HeadAsync()).PositionOf(new ConsumerName(Consumer)).Blocked);

        // Something newer, which was not held up: it waits as well.
        Assert.Equal(DeadLetterReasons.BlockedByPredecessor, (await Runner.HandleAsync(Deliveries.Of(Cancelled, 3), default)).Reason);
        await _process.RunUntilNothingIsHeldAsync();

        Assert.All(await EntriesAsync(), e => Assert.Equal((false, DeadLetterResults.Handled), (e.Open, e.Result)));
        var handled = (await Invariants.AllAsync(Charges, RecordKinds.Inbox)).OrderBy(r => r.GetProperty("commit").GetInt64());
        Assert.Equal([1, 2, 3], handled.Select(r => r.GetProperty("sequence").GetInt32()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task G3_What_was_behind_a_message_that_the_broker_dead_lettered_lets_it_be_taken_in_first_once_the_store_is_back(bool wasGivenBackBefore)
    {
        var dead = Exhausted(Deliveries.Of(Made, 1));
        var follower = Deliveries.Of(Cancelled, 2) with { EnqueuedAt = _simulation.Clock.GetUtcNow() };
        _simulation.Clock.Advance(TimeSpan.FromHours(6));
        if (wasGivenBackBefore)
            follower = GivenBack(follower);

        // The store is back after some requests, unless it was back before. The function on the dead-letter queue needs ten seconds more.
        var (failures, isTakenIn) = (wasGivenBackBefore ? 0 : 40, false);
        DateTimeOffset? back = null;
        _simulation.Cosmos.OnRequest = async _ =>
        {
            if (_requests++ < failures)
                return CosmosFault.Reply(503);
            back ??= _simulation.Clock.GetUtcNow();
            if (!isTakenIn && _simulation.Clock.GetUtcNow() - back >= TimeSpan.FromSeconds(10))
            {
                isTakenIn = true;
                await TakeInAsync(dead);
            }

            return CosmosFault.None;
        };

        Assert.Equal(DeadLetterReasons.BlockedByPredecessor, (await Runner.HandleAsync(follower, default)).Reason);
        Restore();
        await _process.RunUntilNothingIsHeldAsync();

        var handled = (await Invariants.AllAsync(Charges, RecordKinds.Inbox)).OrderBy(r => r.GetProperty("commit").GetInt64());
        Assert.Equal([1, 2], handled.Select(r => r.GetProperty("sequence").GetInt32()));
    }

    [Fact]
    public async Task A_message_that_met_a_short_outage_is_handled_at_once()
    {
        var delivery = Deliveries.Of(Made, 1) with { EnqueuedAt = _simulation.Clock.GetUtcNow() };
        _simulation.Clock.Advance(TimeSpan.FromMinutes(30));
        var began = _simulation.Clock.GetUtcNow();
        Assert.Equal(SettlementKind.Complete, (await Runner.HandleAsync(GivenBack(delivery), default)).Kind);
        Assert.InRange(_simulation.Clock.GetUtcNow() - began, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task G6_A_retry_that_the_broker_dead_lettered_in_an_outage_is_retried_again_by_itself()
    {
        await TakeInAsync(Exhausted(Deliveries.Of(Made, 1)));
        var entry = Assert.Single(await EntriesAsync());

        await TakeInAsync(Exhausted(Deliveries.Of(Made, 1).AsReplayOf(entry.Id.Value, replayId: entry.Replay!)));

        entry = Assert.Single(await EntriesAsync());
        Assert.Equal((1, true), (entry.Attempt, entry.RetryAt is not null));
        await _process.RunUntilNothingIsHeldAsync();
        Assert.Equal(DeadLetterResults.Handled, Assert.Single(await EntriesAsync()).Result);
    }

    [Theory]
    [InlineData("MaxDeliveryCountExceeded", null)]
    [InlineData("MaxDeliveryCountExceeded", "3/99")]
    [InlineData("TTLExpiredException", "99/99")]
    public async Task What_the_broker_dead_lettered_for_another_reason_waits_for_an_operator(string reason, string? note)
    {
        var delivery = Deliveries.Of(Made, 1, deliveryCount: 101).DeadLettered(reason);
        await TakeInAsync(note is null ? delivery : delivery with { Properties = new Dictionary<string, string> { [ReceivedMessage.GivenBackProperty] = note } });

        var entry = Assert.Single(await EntriesAsync());
        Assert.Equal((reason, true, null), (entry.Reason, entry.Open, entry.RetryAt));
    }

    [Fact]
    public async Task A_dead_letter_that_cannot_be_taken_in_is_not_asked_for_again_and_again()
    {
        BreakCosmos();
        var began = _simulation.Clock.GetUtcNow();
        Assert.Equal(SettlementKind.Abandon, (await TakeInAsync(Deliveries.Of(Made, 1).DeadLettered())).Kind);
        Assert.True(_simulation.Clock.GetUtcNow() - began > _options.StoreOutageTimeout, "It was given back at once.");
    }

    /// <summary>Every request takes long and fails; the host renews the session's lock meanwhile.</summary>
    private void BreakCosmos(ServiceBusSessionReceiver? session = null) => _simulation.Cosmos.OnRequest = async _ =>
    {
        _simulation.Clock.Advance(_requestTimeout);
        if (session is not null)
            await session.RenewSessionLockAsync();
        return CosmosFault.Reply(503);
    };

    private void Restore() => _simulation.Cosmos.OnRequest = null;

    private async Task SendAsync(params ReceivedMessage[] deliveries)
    {
        await using var client = _simulation.Client();
        await client.CreateSender("bookings").SendMessagesAsync(deliveries.Select(d => new ServiceBusMessage(BinaryData.FromBytes(d.Body))
        {
            SessionId = d.SessionId,
            MessageId = d.MessageId,
            ApplicationProperties = { ["replayfor"] = Consumer },
        }));
    }

    /// <summary>Gives the first message of the session back until the broker dead-letters it. All its deliveries are one after the other: nothing overtakes it.</summary>
    private async Task ExhaustAsync()
    {
        await using var client = _simulation.Client();
        await using var session = await client.AcceptNextSessionAsync("bookings", "charges");
        BreakCosmos(session);
        string? first = null;
        for (var number = 1; number <= 100; number++)
        {
            var message = (await session.ReceiveMessageAsync(TimeSpan.FromSeconds(1)))!;
            first ??= message.MessageId;
            Assert.Equal((first, number), (message.MessageId, message.DeliveryCount));
            var delivery = Settlements.DeliveryOf(message);
            Assert.Equal(SettlementKind.GiveBack, (await Runner.HandleAsync(delivery, default)).Kind);
            await session.AbandonMessageAsync(message, delivery.GiveBackProperties());
        }
    }

    /// <summary>The dead-letter queue has no order: the second one may be taken in first.</summary>
    private async Task TakeInSecondAsync()
    {
        await using var client = _simulation.Client();
        await using var receiver = client.CreateReceiver("bookings", "charges", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        var messages = await receiver.ReceiveMessagesAsync(2, TimeSpan.FromSeconds(1));
        Assert.Equal(SettlementKind.Complete, (await TakeInAsync(Settlements.DeliveryOf(messages[1]))).Kind);
        await receiver.CompleteMessageAsync(messages[1]);
        await receiver.AbandonMessageAsync(messages[0]);
    }

    private Task<Consumers.Settlement> TakeInAsync(ReceivedMessage delivery) =>
        _process.Services.GetRequiredService<ConsumerRunners>().DeadLetterQueueProcessorOf(Consumer).HandleAsync(delivery, default);

    private static ReceivedMessage GivenBack(ReceivedMessage delivery) => delivery with
    {
        DeliveryCount = delivery.DeliveryCount + 1,
        Properties = delivery.Properties.Concat(delivery.GiveBackProperties().Select(p => KeyValuePair.Create(p.Key, (string)p.Value)))
            .GroupBy(p => p.Key).ToDictionary(g => g.Key, g => g.Last().Value),
    };

    private static ReceivedMessage Exhausted(ReceivedMessage delivery)
    {
        while (delivery.DeliveryCount <= 100)
            delivery = GivenBack(delivery);
        return delivery.DeadLettered();
    }

    private async Task<PartitionHead> HeadAsync()
    {
        using var read = await _process.Store(Names.Charges).ReadAsync(new Partition("b-1"), _ => [], default);
        return read.Head;
    }

    private async Task<List<DeadLetter>> EntriesAsync() =>
        [.. (await Invariants.AllAsync(Charges, RecordKinds.DeadLetter))
            .Select(e => JsonSerializer.Deserialize(e, DeadLetterJson.Default.DeadLetter)!).OrderBy(e => e.Sequence)];
}
