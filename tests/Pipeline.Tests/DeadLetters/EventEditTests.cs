using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Editing;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>One event that several consumers could not handle is edited once, and each entry is checked and audited for itself.</summary>
public sealed class EventEditTests : IAsyncLifetime
{
    private const string Event = "bookings:b-1:1";

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
    public async Task One_bad_event_is_edited_once_at_all_its_consumers_and_each_entry_keeps_who_and_why()
    {
        await BreakAtBothAsync();

        var done = await EditAsync(Patch(3));

        Assert.Equal((Event, "bookings", 2), (done.EventId, done.Source, done.EditedCount));
        Assert.Equal([("bookings/charges", "edited"), ("bookings/rooms", "edited")], done.Items.Select(i => (i.Consumer, i.Outcome)));
        foreach (var container in new[] { Names.Rooms, Names.Charges })
        {
            var entry = Assert.Single(await EntriesAsync(container));
            var edit = Assert.Single(entry.Edits!);
            Assert.Equal(("ann", "The site sent 0.", entry.Id + "#1"), (edit.By, edit.Why, edit.Id));
            Assert.Contains("\"count\":3", System.Text.Encoding.UTF8.GetString(entry.Body), StringComparison.Ordinal);
        }

        _simulation.Clock.Advance(TimeSpan.FromSeconds(1));
        var again = await EditAsync(Patch(3));
        Assert.Equal(["alreadyEdited", "alreadyEdited"], again.Items.Select(i => i.Outcome));
        Assert.Equal(2, again.EditedCount);
        Assert.Single(Assert.Single(await EntriesAsync(Names.Charges)).Edits!);
    }

    [Fact]
    public async Task What_one_consumer_refuses_is_named_and_the_other_is_edited_all_the_same()
    {
        await BreakAtBothAsync();
        var entry = Assert.Single(await EntriesAsync(Names.Charges));
        var edits = _process.Services.GetRequiredService<DeadLetterEditor>();
        for (var i = 1; i <= DeadLetterEditor.MaxPerEntry; i++)
            Assert.Equal(EditOutcome.Edited, (await edits.EditAsync(_process.Store(Names.Charges), new Partition("b-1"), entry.Id, Patch(i + 10), default)).Outcome);

        var done = await EditAsync(Patch(3));

        Assert.Equal([("bookings/charges", "refused"), ("bookings/rooms", "edited")], done.Items.Select(i => (i.Consumer, i.Outcome)));
        Assert.Contains("edited 20 times", done.Items[0].Reason, StringComparison.Ordinal);
        Assert.Equal(1, done.EditedCount);
    }

    [Fact]
    public async Task What_breaks_the_contract_is_refused_at_each_with_its_path_and_an_unknown_event_has_no_entries()
    {
        await BreakAtBothAsync();

        var done = await EditAsync(Patch(-1));

        Assert.All(done.Items, i => Assert.Equal(("refused", "$.rooms[0].count"), (i.Outcome, i.Path)));
        Assert.Equal(0, done.EditedCount);
        Assert.Empty((await _process.Services.GetRequiredService<DeadLetterEditor>().EditEventAsync(All, new CloudEventId("nobody:x:1"), null, Patch(3), default).AllowedAsync()).Items);
    }

    [Fact]
    public async Task Of_events_of_two_sources_with_one_id_the_source_says_which()
    {
        await BreakAtBothAsync();
        await HandleAsync("bookings/charges", Deliveries.Of(Booking("b-2"), 1, source: "elsewhere", id: Event));

        Assert.Contains("Events of several sources", await TryEditAsync(Patch(3)).RefusedAsync(), StringComparison.Ordinal);
        Assert.All(await EntriesAsync(Names.Charges), e => Assert.Null(e.Edits));
        var done = await _process.Services.GetRequiredService<DeadLetterEditor>().EditEventAsync(All, new CloudEventId(Event), "elsewhere", Patch(3), default).AllowedAsync();
        Assert.Equal("b-2", Assert.Single(done.Items).Partition);
    }

    [Fact]
    public async Task A_closed_list_says_how_it_ended_and_an_edit_is_no_failed_replay()
    {
        await BreakAtBothAsync();
        await EditAsync(Patch(3));
        var store = _process.Store(Names.Rooms);
        var entry = Assert.Single(await EntriesAsync(Names.Rooms));
        await HandleAsync("bookings/rooms", new ReceivedMessage { Body = entry.Body, SessionId = "b-1", MessageId = "r", DeliveryCount = 1 }.AsReplayOf(entry.Id.Value, entry.Attempt));

        var closed = Assert.Single((await DeadLetterQueries.ListAsync(store, new DeadLetterFilter { Open = false }, 10, null, default)).Items);

        Assert.Equal((0, 1, DeadLetterResults.Handled), (closed.Attempt, closed.Edited, closed.Result));
        var shown = (await DeadLetterQueries.ShowAsync(store, new Partition("b-1"), entry.Id, default))!;
        Assert.Equal((0, 1), (shown.Attempt, shown.Edited));
    }

    private IReadOnlyCollection<CosmosPartitionStore> All => _process.Services.GetRequiredService<Stores>().All;

    private static MessageEdit Patch(int count) => MessageEdit.Create(
        JsonSerializer.Deserialize<JsonElement>(string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""[{"op":"replace","path":"/rooms/0/count","value":{{count}}}]""")),
        null, "The site sent 0.", "ann", null, out _)!;

    private static BookingMade Booking(string id) => new(id, "g-1", "EUR", 10m, [new BookedRoom("a", 0, 10m)]);

    private Task<EventEdit> EditAsync(MessageEdit what) => TryEditAsync(what).AllowedAsync();

    private Task<Refusable<EventEdit>> TryEditAsync(MessageEdit what) => _process.Services.GetRequiredService<DeadLetterEditor>().EditEventAsync(All, new CloudEventId(Event), null, what, default);

    /// <summary>A booking with a count of 0, which breaks its contract.</summary>
    private async Task BreakAtBothAsync()
    {
        foreach (var consumer in new[] { "bookings/rooms", "bookings/charges" })
            await HandleAsync(consumer, Deliveries.Of(Booking("b-1"), 1));
    }

    private Task<Settlement> HandleAsync(string consumer, ReceivedMessage delivery) =>
        _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, default);

    private async Task<List<DeadLetter>> EntriesAsync(string container) =>
        [.. (await Invariants.AllAsync(_process.Container(container), RecordKinds.DeadLetter)).Select((Func<JsonElement, DeadLetter>)(e => JsonSerializer.Deserialize<DeadLetter>(e, DeadLetterJson.Default.DeadLetter)!))];
}
