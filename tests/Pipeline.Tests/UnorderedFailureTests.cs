using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Operations;
using Pipeline.Payloads;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>What fails around the handlers of order-free consumers: it fails alone, it is not lost, and it can be replayed.</summary>
public sealed class UnorderedFailureTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Time = new(2026, 1, 1, 10, 0, 0, TimeSpan.Zero);

    private readonly Simulation _simulation = new();
    private SimulatedProcess _process = null!;

    private ConsumerRunner Statistics => _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf("bookings/statistics");

    private CosmosPartitionStore Store => _process.Store(Names.Statistics);

    public Task InitializeAsync()
    {
        _simulation.Configure = services => services.Replace(ServiceDescriptor.Singleton(new PayloadOptions { MaxInlineBytes = 400 }));
        _simulation.Clock.AdvanceTo(Time);
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public async Task G5_A_message_whose_partitions_cannot_be_told_fails_alone_and_is_in_the_ledger()
    {
        // Without a time nothing tells which day it counts for.
        var timeless = Deliveries.Of(new BookingCompleted("b-2", "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), 1, time: null);
        var settlements = await Statistics.HandleBatchAsync([Completed("b-1", "a"), timeless, Completed("b-3", "a")], default);

        Assert.Equal([SettlementKind.Complete, SettlementKind.DeadLetter, SettlementKind.Complete], settlements.Select(s => s.Kind));
        Assert.Equal(2, (await StatisticsOf("a")).State!.Bookings);
        var entry = Assert.Single(await EntriesAsync());
        Assert.Equal(("b-2", DeadLetterReasons.ContractViolation), (entry.Partition, entry.Reason));
        Assert.Contains("no 'time'", entry.Description);
    }

    [Fact]
    public async Task G6_The_dead_letter_queue_processor_takes_a_message_whose_partitions_cannot_be_told()
    {
        var timeless = Deliveries.Of(new BookingCompleted("b-2", "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), 1, time: null);
        var processor = _process.Services.GetRequiredService<ConsumerRunners>().DeadLetterQueueProcessorOf("bookings/statistics");

        Assert.Equal(SettlementKind.Complete, (await processor.HandleAsync(timeless.DeadLettered(), default)).Kind);
        var entry = Assert.Single(await EntriesAsync());
        Assert.Equal(("b-2", false), (entry.Partition, entry.InOrder));
        Assert.Equal(0, (await ContainerStatusReader.ReadAsync(Store, _simulation.Clock, default)).BlockedSubjects);
    }

    [Fact]
    public async Task G4_More_messages_than_one_transaction_takes_are_a_few_commits()
    {
        var settlements = await Statistics.HandleBatchAsync([.. Enumerable.Range(1, 130).Select(i => Completed(Invariant($"b-{i}"), "a"))], default);
        Assert.All(settlements, s => Assert.Equal(SettlementKind.Complete, s.Kind));
        Assert.Equal(130, (await StatisticsOf("a")).State!.Bookings);
        Assert.Equal(2, await CommitsAsync());
    }

    [Fact]
    public async Task G5_A_partition_key_that_cannot_be_one_is_a_ledger_entry_and_no_message_that_comes_for_ever()
    {
        var odd = Deliveries.Of(new BookingCompleted("b-2", "g-1", "EUR", 10m, [new BookedRoom("a/b", 1, 10m)]), 1, time: Time);
        var settlements = await Statistics.HandleBatchAsync([Completed("b-1", "a"), odd], default);

        Assert.Equal([SettlementKind.Complete, SettlementKind.DeadLetter], settlements.Select(s => s.Kind));
        Assert.Equal("b-2", Assert.Single(await EntriesAsync()).Partition);
    }

    [Fact]
    public async Task G5_A_partition_whose_state_cannot_be_read_holds_up_only_itself()
    {
        await Statistics.HandleAsync(Completed("b-1", "a"), default);
        await Statistics.HandleAsync(Completed("b-1", "b"), default);
        await SpoilStateAsync("statistics-20260101-a");

        var settlements = await Statistics.HandleBatchAsync([Completed("b-2", "a"), Completed("b-3", "b")], default);

        Assert.Equal([SettlementKind.DeadLetter, SettlementKind.Complete], settlements.Select(s => s.Kind));
        Assert.Equal(DeadLetterReasons.DamagedPartition, settlements[0].Reason);
        Assert.Equal(2, (await StatisticsOf("b")).State!.Bookings);
    }

    [Fact]
    public async Task Rule_7_a_payload_store_that_is_down_for_minutes_counts_against_no_message()
    {
        var message = await ClaimCheckedAsync("b-1", "a");
        _simulation.Payloads.IsDown = true;
        var since = _simulation.Clock.GetUtcNow();
        var delivery = 1;
        while (_simulation.Clock.GetUtcNow() - since < TimeSpan.FromMinutes(5))
            Assert.Equal(SettlementKind.GiveBack, (await Statistics.HandleAsync(message with { DeliveryCount = delivery++ }, default)).Kind);

        _simulation.Payloads.IsDown = false;
        Assert.Equal(SettlementKind.Complete, (await Statistics.HandleAsync(message with { DeliveryCount = delivery }, default)).Kind);
        Assert.Equal(1, (await StatisticsOf("a")).State!.Bookings);
    }

    [Fact]
    public async Task G6_A_payload_stays_while_one_of_its_partitions_has_an_open_entry_although_the_message_s_own_is_closed()
    {
        var message = await ClaimCheckedAsync("b-1", "a");
        var payload = Assert.Single(_simulation.Payloads.Names);

        // It could not be read at first; then it could, and failed in its partition.
        var content = (await Payloads.GetAsync(payload, default))!.Value;
        var listed = Assert.Single((await Payloads.ListAsync(null, null, default)).Items);
        await Payloads.DeleteAsync(payload, listed.ETag, default);
        Assert.Equal(DeadLetterReasons.PayloadMissing, (await Statistics.HandleAsync(message, default)).Reason);
        await Payloads.PutAsync(payload, content, listed.Origin, default);
        await SpoilStateAsync("statistics-20260101-a");
        var first = Assert.Single(await EntriesAsync());
        var replay = message.AsReplayOf(first.Id) with { DeliveryCount = 5 };
        await Statistics.HandleAsync(replay, default);
        Assert.Equal("statistics-20260101-a", Assert.Single(await EntriesAsync()).Partition);

        _simulation.Clock.Advance(TimeSpan.FromDays(3));
        await _process.Collector.RunAsync(default);
        Assert.Equal([payload], _simulation.Payloads.Names);
    }

    [Fact]
    public async Task A_foreign_event_with_its_data_elsewhere_is_refused_and_nothing_is_written()
    {
        var runner = _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf("webhooks/locks");
        var body = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = "1",
            ["source"] = "locks",
            ["type"] = "com.contoso.locks.door-opened.v1",
            ["subject"] = "b-1",
            ["dataref"] = $"{InMemoryPayloads.Address}/somebody/elses",
        });

        var settlement = await runner.HandleForeignAsync(body, default);

        Assert.Equal((SettlementKind.Refuse, DeadLetterReasons.ContractViolation), (settlement.Kind, settlement.Reason));
        Assert.Empty(await Invariants.AllAsync(_process.Container(Names.Keys), RecordKinds.DeadLetter));
        Assert.Equal(0, _simulation.Payloads.Gets);
    }

    [Fact]
    public async Task A_replay_of_another_consumer_s_entry_is_refused()
    {
        var noLines = Deliveries.Of(new BookingCompleted("b-2", "g-1", "EUR", 0, []), 7, time: Time);
        await Statistics.HandleAsync(noLines, default);
        var entry = Assert.Single(await EntriesAsync());

        await _process.TryReplayAsync(new DeadLetterFilter { Id = entry.Id, Consumer = "statistics/reports" }, only: true).RefusedAsync();
    }

    [Fact]
    public async Task G4_A_partition_that_once_had_an_entry_still_takes_a_batch_in_one_commit()
    {
        await SpoilStateAsync("statistics-20260101-a");
        Assert.Equal(SettlementKind.DeadLetter, (await Statistics.HandleAsync(Completed("b-1", "a") with { DeliveryCount = 5 }, default)).Kind);
        await _process.Container(Names.Statistics).DeleteItemStreamAsync("state", new PartitionKey("statistics-20260101-a"));
        var before = await CommitsAsync();

        // The first of them is the one in the ledger: delivered again, it is dead-lettered again, and has no effect.
        var settlements = await Statistics.HandleBatchAsync([.. Enumerable.Range(1, 20).Select(i => Completed(Invariant($"b-{i}"), "a"))], default);

        Assert.Equal(SettlementKind.DeadLetter, settlements[0].Kind);
        Assert.All(settlements.Skip(1), s => Assert.Equal(SettlementKind.Complete, s.Kind));
        Assert.Equal(19, (await StatisticsOf("a")).State!.Bookings);
        Assert.Equal(before + 1, await CommitsAsync());
    }

    [Fact]
    public async Task Rule_2_a_message_older_than_inbox_records_is_no_part_of_a_batch()
    {
        var old = Deliveries.Of(
            new BookingCompleted("b-1", "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), 1, time: _simulation.Clock.GetUtcNow() - TimeSpan.FromDays(31));
        var settlement = Assert.Single(await Statistics.HandleBatchAsync([old], default));
        Assert.Equal((SettlementKind.DeadLetter, DeadLetterReasons.Expired), (settlement.Kind, settlement.Reason));
        Assert.Empty(await Invariants.AllAsync(_process.Container(Names.Statistics), RecordKinds.State));

        // Nothing tells whether it was handled, so neither does a replay.
        var entry = Assert.Single(await EntriesAsync());
        await _process.TryReplayAsync(new DeadLetterFilter { Id = entry.Id }, only: true).RefusedAsync();
    }

    [Fact]
    public async Task G8_What_a_batch_sends_goes_on_with_the_trace_of_the_message_that_caused_it()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var message = Completed("b-1", "a");
        var body = JsonNode.Parse(message.Body.Span)!.AsObject();
        body["traceparent"] = trace;
        using var invocation = new System.Diagnostics.Activity("invocation of the function").Start();
        await Statistics.HandleBatchAsync([message with { Body = JsonSerializer.SerializeToUtf8Bytes(body) }], default);

        var record = Assert.Single(await Invariants.AllAsync(_process.Container(Names.Statistics), RecordKinds.Outbox));
        Assert.Equal(trace, record.GetProperty("messages")[0].GetProperty("event").GetProperty("traceparent").GetString());
    }

    private async Task SpoilStateAsync(string partition)
    {
        var record = new JsonObject { ["id"] = "state", ["pk"] = partition, ["kind"] = "state", ["data"] = "not what it should be" };
        using var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(record));
        (await _process.Container(Names.Statistics).UpsertItemStreamAsync(body, new PartitionKey(partition))).EnsureSuccessStatusCode();
        if ((await Invariants.AllAsync(_process.Container(Names.Statistics), RecordKinds.Head)).Any(h => h.GetProperty("pk").GetString() == partition))
            return;
        await Store.CommitAsync(new UnitOfWork(new PartitionHead { Partition = new Partition(partition) }), default);
    }

    /// <summary>The message as it comes when its data is in the payload store.</summary>
    private async Task<ReceivedMessage> ClaimCheckedAsync(string bookingId, string room)
    {
        var data = new BookingCompleted(bookingId, "g-1", "EUR", 10m, [new BookedRoom(room, 1, 10m)]);
        var type = TestedApp.Messages.Of(data);
        var origin = new PayloadOrigin("bookings", bookingId, 1, 1, type.Name, bookingId, $"bookings:{bookingId}:1", true);
        var name = $"bookings/{bookingId}/1/x";
        await Payloads.PutAsync(name, JsonSerializer.SerializeToUtf8Bytes(data, type.Json), origin, default);

        // The sender has moved on: its record is published.
        await _process.Store(Names.Bookings).CommitAsync(new UnitOfWork(new PartitionHead { Partition = new Partition(bookingId), Number = 1 }), default);
        var delivery = Deliveries.Of(data, 1, time: Time);
        var body = JsonNode.Parse(delivery.Body.Span)!.AsObject();
        body.Remove("data");
        body["dataref"] = $"{InMemoryPayloads.Address}/{name}";
        return delivery with { Body = JsonSerializer.SerializeToUtf8Bytes(body) };
    }

    private IPayloadStore Payloads => _process.Services.GetRequiredService<IPayloadStore>();

    private async Task<long> CommitsAsync() => Assert.Single(
        await Invariants.AllAsync(_process.Container(Names.Statistics), RecordKinds.Head)).GetProperty("commits").GetInt64();

    private async Task<IReadOnlyList<DeadLetterDetails>> EntriesAsync() => (await DeadLetterQueries.ListAsync(Store, new DeadLetterFilter { Open = true }, 10, null, default)).Items;

    private Task<(RoomStatistics? State, long LastNumber)> StatisticsOf(string room) =>
        _process.Services.GetRequiredService<CommandRunner<RoomStatistics>>().ReadWithNumberAsync("statistics-20260101-" + room, default);

    private static ReceivedMessage Completed(string bookingId, string room) =>
        Deliveries.Of(new BookingCompleted(bookingId, "g-1", "EUR", 10m, [new BookedRoom(room, 1, 10m)]), 1, time: Time, id: $"bookings:{bookingId}:{room}");
}
