using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Consumers;
using Pipeline.Failures;
using Pipeline.Payloads;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Large messages: their data is stored before the commit, and fetched by those who handle them.</summary>
public sealed class ClaimCheckTests : IAsyncLifetime
{
    private const string Consumer = "bookings/charges";

    private readonly Simulation _simulation = new();
    private SimulatedProcess _process = null!;

    public Task InitializeAsync()
    {
        _simulation.Configure = services => services.AddSingleton(new PayloadOptions { MaxInlineBytes = 100, MaxPayloadBytes = 4_000 });
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public async Task Large_data_goes_to_the_store_and_the_event_says_where_it_is()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));

        var messages = Assert.Single(await Invariants.AllAsync(_process.Container(Names.Bookings), "outbox")).GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal(2, messages.Count); // One for each version of the event.
        Assert.All(_simulation.Payloads.Names, name => Assert.StartsWith("bookings/b-1/0000000000000000001/", name, StringComparison.Ordinal));
        Assert.Equal(
            _simulation.Payloads.Names.Select(name => $"{InMemoryPayloads.Address}/{name}").Order(StringComparer.Ordinal),
            messages.Select(m => m.GetProperty("event").GetProperty("dataref").GetString()!).Order(StringComparer.Ordinal));
        Assert.All(messages.Select(m => m.GetProperty("event")), cloudEvent =>
        {
            Assert.False(cloudEvent.TryGetProperty("data", out _));
            Assert.Equal("application/json", cloudEvent.GetProperty("datacontenttype").GetString());
        });
    }

    [Fact]
    public async Task A_booking_of_large_messages_ends_as_any_other()
    {
        await _process.SetRoomsAsync("a", 10);
        await _process.BookAsync("1", "g-1", ("a", 2));
        await _process.BookAsync("2", SimulatedChargeGateway.DeclinedGuest, ("a", 2));
        await _process.RunUntilQuietAsync();
        Assert.Equal((1, 1), await Invariants.CheckAsync(_process.Container, new Dictionary<string, int> { ["a"] = 10 }));
        Assert.True(_simulation.Payloads.Gets > 0);
    }

    [Fact]
    public async Task Small_data_stays_in_the_event()
    {
        await _process.SetRoomsAsync("a", 10);
        await _process.BookAsync("1", "g-1", ("a", 1));
        await _process.CancelAsync("b-1");
        Assert.Equal(3, _simulation.Payloads.Names.Count); // The booking in two versions, and as reports get it; not the cancellation.
    }

    [Fact]
    public async Task Data_larger_than_any_payload_is_refused_and_nothing_is_written()
    {
        var lines = Enumerable.Range(0, 50).Select(i => (Invariant($"{new string('a', 60)}-{i}"), 1)).ToArray();
        var error = await Assert.ThrowsAsync<CommitTooLargeException>(() => _process.BookAsync("1", "g-1", lines));
        Assert.Contains("at most 4000", error.Message, StringComparison.Ordinal);
        Assert.Empty(_simulation.Payloads.Names);
        Assert.Null((await _process.Bookings.ReadAsync("b-1", default)).State);
    }

    [Fact]
    public async Task A_store_out_of_reach_writes_nothing_and_the_same_request_succeeds_later()
    {
        _simulation.Payloads.IsDown = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _process.BookAsync("1", "g-1", ("a", 1)));
        Assert.Null((await _process.Bookings.ReadAsync("b-1", default)).State);
        _simulation.Payloads.IsDown = false;
        Assert.Equal(Commands.CommandOutcome.Accepted, (await _process.BookAsync("1", "g-1", ("a", 1))).Outcome);
    }

    [Fact]
    public async Task Rule_7_a_store_out_of_reach_gives_the_session_back_and_counts_against_no_message()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        await _process.RunUntilQuietAsync(Consumer);
        _simulation.Payloads.IsDown = true;
        for (var i = 0; i < 10; i++)
            Assert.Equal(Consumers.SettlementKind.GiveBack, (await _process.HandleNextAsync(Consumer)).Kind);
        Assert.Empty(await Invariants.AllAsync(_process.Container(Names.Charges), "deadletter"));

        _simulation.Payloads.IsDown = false;
        await _process.RunUntilQuietAsync();
        Assert.Empty(await Invariants.AllAsync(_process.Container(Names.Charges), "deadletter"));
        Assert.Single(await Invariants.AllAsync(_process.Container(Names.Charges), "inbox"), r => r.GetProperty("eventId").GetString() == "bookings:b-1:1");
    }

    [Fact]
    public async Task G6_A_payload_that_is_gone_is_a_ledger_entry_of_its_own_reason_and_can_be_replayed_once_it_is_back()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        var store = _process.Services.GetRequiredService<IPayloadStore>();
        var payload = (await store.ListAsync(null, null, default)).Items.Single(p => p.Origin!.EventId == "bookings:b-1:1");
        var content = (await store.GetAsync(payload.Name, default))!.Value;
        await store.DeleteAsync(payload.Name, payload.ETag, default);
        await _process.RunUntilQuietAsync();

        var entry = Assert.Single(await EntriesAsync(Names.Charges));
        Assert.Equal(DeadLetterReasons.PayloadMissing, entry.GetProperty("reason").GetString());
        Assert.Contains(payload.Name, System.Text.Encoding.UTF8.GetString(entry.GetProperty("body").GetBytesFromBase64()), StringComparison.Ordinal);

        await store.PutAsync(payload.Name, content, payload.Origin, default);
        await _process.ReplayAsync(new DeadLetterFilter { Partition = "b-1", Consumer = Consumer });
        await _process.RunUntilQuietAsync();
        Assert.False(Assert.Single(await EntriesAsync(Names.Charges)).GetProperty("open").GetBoolean());
    }

    [Fact]
    public async Task A_dataref_to_anywhere_else_is_refused_and_never_followed()
    {
        var runner = _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(Consumer);
        var delivery = WithDataRef(Deliveries.Of(Booking("b-1"), 1), "http://169.254.169.254/metadata/instance");
        var settlement = await runner.HandleAsync(delivery, default);
        Assert.Equal((Consumers.SettlementKind.DeadLetter, DeadLetterReasons.ContractViolation), (settlement.Kind, settlement.Reason));
        Assert.Contains("169.254.169.254", settlement.Description, StringComparison.Ordinal);
        Assert.Equal(0, _simulation.Payloads.Gets);
    }

    [Fact]
    public async Task Duplicates_and_what_waits_behind_another_message_are_not_fetched()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        await _process.RunUntilQuietAsync();
        var runner = _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(Consumer);
        var gets = _simulation.Payloads.Gets;
        var reference = $"{InMemoryPayloads.Address}/{_simulation.Payloads.Names[0]}";
        Assert.Equal(Consumers.SettlementKind.Complete, (await runner.HandleAsync(WithDataRef(Deliveries.Of(Booking("b-1"), 1), reference), default)).Kind);

        await runner.HandleAsync(Deliveries.Of(Booking("b-1"), 12) with { DeliveryCount = 9 }, default);
        var waiting = await runner.HandleAsync(WithDataRef(Deliveries.Of(Booking("b-1"), 13), reference), default);
        Assert.Equal(DeadLetterReasons.BlockedByPredecessor, waiting.Reason);
        Assert.Equal(gets, _simulation.Payloads.Gets);
    }

    [Fact]
    public async Task What_was_just_stored_is_not_stored_again_when_the_commit_is_decided_again()
    {
        var check = _process.Services.GetRequiredService<ClaimCheck>();
        var origin = new PayloadOrigin("bookings", "b-1", 1, 1, "com.contoso.bookings.booking-made.v1", "b-1", "bookings:b-1:1", true);
        var first = await check.StoreAsync("same"u8.ToArray(), origin, default);
        Assert.Equal(first, await check.StoreAsync("same"u8.ToArray(), origin, default));
        Assert.Equal(1, _simulation.Payloads.Puts);
        Assert.NotEqual(first, await check.StoreAsync("other"u8.ToArray(), origin, default));
        _simulation.Clock.Advance(TimeSpan.FromMinutes(2));
        await check.StoreAsync("same"u8.ToArray(), origin, default);
        Assert.Equal(3, _simulation.Payloads.Puts);
    }

    private static BookingMade Booking(string bookingId) => new(bookingId, "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]);

    private static ReceivedMessage WithDataRef(ReceivedMessage delivery, string dataRef)
    {
        var body = System.Text.Json.Nodes.JsonNode.Parse(delivery.Body.Span)!.AsObject();
        body.Remove("data");
        body["dataref"] = dataRef;
        return delivery with { Body = JsonSerializer.SerializeToUtf8Bytes(body) };
    }

    private async Task<List<JsonElement>> EntriesAsync(string container) => await Invariants.AllAsync(_process.Container(container), RecordKinds.DeadLetter);
}
