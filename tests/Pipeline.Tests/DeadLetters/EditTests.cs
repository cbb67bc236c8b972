using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Editing;
using Pipeline.Failures;
using Pipeline.Operations;
using Pipeline.Payloads;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>
/// An edit changes what a replay will send and nothing else: the original stays, who and why are kept, the contract holds,
/// and an edit that came too late is no success.
/// </summary>
public sealed class EditTests : IAsyncLifetime
{
    private const string Charger = "bookings/charges";

    private readonly Simulation _simulation = new();
    private readonly FailingGateway _gateway = new(failing: true);
    private SimulatedProcess _process = null!;

    private CosmosPartitionStore Store => _process.Store(Names.Charges);

    private DeadLetterEditor Edits => _process.Services.GetRequiredService<DeadLetterEditor>();

    public Task InitializeAsync()
    {
        _simulation.Configure = services => services.AddSingleton<IChargeGateway>(p => _gateway.Over(
            new SimulatedChargeGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), _simulation.Clock)));
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public async Task G6_A_patched_event_is_replayed_as_it_was_edited_and_its_flow_says_by_whom()
    {
        var entry = await BreakAsync("b-1");
        var original = entry.Body;

        Assert.Equal(EditOutcome.Edited, (await EditAsync(entry, Patch("""[{"op":"replace","path":"/rooms/0/count","value":3}]"""))).Outcome);

        var edited = await EntryAsync(entry.Id.Value);
        Assert.Equal(original, edited.Original);
        Assert.Equal((entry.EventId, entry.Sequence, entry.Type, entry.Subject, 1), (edited.EventId, edited.Sequence, edited.Type, edited.Subject, edited.Attempt));
        var edit = Assert.Single(edited.Edits!);
        Assert.Equal(("ann", "The site sent 0.", "patch", entry.Id + "#1", _simulation.Clock.GetUtcNow()), (edit.By, edit.Why, edit.How, edit.Id, edit.At));
        Assert.Contains("edited by ann (patch): The site sent 0.", edited.History[^1].What, StringComparison.Ordinal);
        var shown = (await DeadLetterQueries.ShowAsync(Store, new Partition("b-1"), entry.Id, default))!;
        Assert.Equal(["/data/rooms/0/count", "/editid", "/editedby"], shown.Differences!.Select(d => d.Path));
        Assert.Equal(("0", "3"), (shown.Differences![0].Old!.ToJsonString(), shown.Differences[0].New!.ToJsonString()));
        Assert.Contains("\"count\":0", shown.Original, StringComparison.Ordinal);

        _gateway.Lift();
        await ReplayAsync(entry);

        var closed = await EntryAsync(entry.Id.Value);
        Assert.Equal((false, DeadLetterResults.Handled), (closed.Open, closed.Result));
        var flow = Assert.Single(await Flows.OfCorrelationAsync(Store, "flow-1", default), h => h.Consumer == Charger);
        Assert.Equal((entry.Id + "#1", "ann", entry.EventId?.Value), (flow.Edit, flow.EditedBy, flow.EventId));
    }

    [Fact]
    public async Task G6_An_edit_into_a_violation_of_the_contract_is_refused_with_the_path_and_changes_nothing()
    {
        var entry = await BreakAsync("b-1");
        var before = await StoreSnapshot.TakeAsync(_simulation, _process);

        async Task RefusedAsync(MessageEdit edit, string reason, string? path)
        {
            var result = await EditAsync(entry, edit);
            Assert.Equal((EditOutcome.Refused, path), (result.Outcome, result.Path));
            Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
        }

        await RefusedAsync(Patch("""[{"op":"replace","path":"/rooms/0/count","value":-1}]"""), "-1 is not between 1 and", "$.rooms[0].count");
        await RefusedAsync(Patch("""[{"op":"replace","path":"/rooms/0/count","value":"three"}]"""), "count", "$.rooms[0].count");
        await RefusedAsync(Replacement("""{"bookingId":"b-1"}"""), "With that data it breaks its contract: $.guestId: is missing", "$.guestId");
        await RefusedAsync(Patch("""[{"op":"replace","path":"/rooms/0/count","value":1},{"op":"replace","path":"/bookingId","value":"b-2"}]"""), "about 'b-2', but the entry stands in 'b-1'", null);
        await RefusedAsync(Patch("""[{"op":"test","path":"/bookingId","value":"b-9"}]"""), "Operation 0", null);
        await RefusedAsync(Patch("""[{"op":"remove","path":"/nothing"}]"""), "there is no '/nothing'", null);
        await RefusedAsync(Patch("{}"), "array of operations", null);
        await RefusedAsync(Patch("""[{"op":"replace","path":"/rooms/0/count","value":1},{"op":"replace","path":"/currency","value":"$BIG"}]""".Replace("$BIG", new string('x', 193 * 1024), StringComparison.Ordinal)), "196608", null);

        Assert.Equal(before, await StoreSnapshot.TakeAsync(_simulation, _process));
    }

    [Fact]
    public async Task What_is_in_flight_of_the_message_as_it_was_has_no_effect_after_the_edit()
    {
        var entry = await FailAsync("b-1");
        _gateway.Lift();
        await EditAsync(entry, Patch("""[{"op":"replace","path":"/total","value":7}]"""));

        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Made("b-1", 1).AsReplayOf(entry.Id.Value, attempt: 0))).Kind);
        Assert.True((await EntryAsync(entry.Id.Value)).Open);
        Assert.Equal(0, await ChargesAsync());
        await ReplayAsync(entry);
        Assert.Equal(7m, (await Invariants.AllAsync(_process.Container(Names.Gateways), null)).Single().GetProperty("answer").GetProperty("amount").GetDecimal());
    }

    [Fact]
    public async Task Two_operators_do_not_overwrite_each_other_and_a_repetition_changes_nothing()
    {
        var entry = await FailAsync("b-1");
        var mine = Patch("""[{"op":"replace","path":"/total","value":7}]""", from: 0);
        Assert.Equal(EditOutcome.Edited, (await EditAsync(entry, mine)).Outcome);
        _simulation.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(EditOutcome.AlreadyEdited, (await EditAsync(entry, mine)).Outcome);
        var other = await EditAsync(entry, Patch("""[{"op":"replace","path":"/total","value":8}]""", from: 0));
        Assert.Equal(EditOutcome.Conflict, other.Outcome);
        Assert.Contains("1 edits, not the 0", other.Reason, StringComparison.Ordinal);
        Assert.Single((await EntryAsync(entry.Id.Value)).Edits!);
        Assert.Equal(EditOutcome.Edited, (await EditAsync(entry, Patch("""[{"op":"replace","path":"/total","value":8}]""", from: 1))).Outcome);
        Assert.Equal(EditOutcome.NotFound, (await Edits.EditAsync(Store, new Partition("b-1"), new DeadLetterId("dl:none"), mine, default)).Outcome);
        Assert.Equal(EditOutcome.NotFound, (await Edits.EditAsync(Store, new Partition("b-1"), new DeadLetterId("head"), mine, default)).Outcome);
    }

    [Fact]
    public async Task The_original_stays_however_often_it_is_edited_and_that_is_bounded()
    {
        var entry = await FailAsync("b-1");
        for (var i = 1; i <= DeadLetterEditor.MaxPerEntry; i++)
            Assert.Equal(EditOutcome.Edited, (await EditAsync(entry, Patch(Invariant($$"""[{"op":"replace","path":"/total","value":{{i}}}]""")))).Outcome);

        Assert.Equal(EditOutcome.Refused, (await EditAsync(entry, Patch("""[{"op":"replace","path":"/total","value":99}]"""))).Outcome);
        var edited = await EntryAsync(entry.Id.Value);
        Assert.Equal((DeadLetterEditor.MaxPerEntry, entry.Id + "#20"), (edited.Edits!.Count, edited.Edits[^1].Id));
        Assert.Equal(entry.Body, edited.Original);
    }

    [Fact]
    public async Task What_a_replay_has_in_hand_cannot_be_edited_until_it_has_ended()
    {
        var entry = await FailAsync("b-1");
        var replay = await _process.ReplayAsync(new DeadLetterFilter { Partition = "b-1", Consumer = Charger });
        await _process.FeedAsync(_process.Relays.Single(r => r.Name == Names.Charges));
        Assert.StartsWith(replay.ReplayId, (await EntryAsync(entry.Id.Value)).Replay);

        var refused = await EditAsync(entry, Patch("""[{"op":"replace","path":"/total","value":7}]"""));
        Assert.Equal(EditOutcome.Conflict, refused.Outcome);
        Assert.Contains(replay.ReplayId, refused.Reason, StringComparison.Ordinal);
        await _process.RunUntilQuietAsync();
        Assert.Equal(ReplayStatus.Failed, (await _process.Replays.FindAsync(replay.ReplayId, default))!.Status);
        Assert.Equal(EditOutcome.Edited, (await EditAsync(entry, Patch("""[{"op":"replace","path":"/total","value":7}]"""))).Outcome);
    }

    [Fact]
    public async Task What_the_broker_holds_until_later_can_be_edited_and_then_has_no_effect()
    {
        var entry = await FailAsync("b-1");
        var replay = await _process.ReplayAsync(new DeadLetterFilter { Partition = "b-1", Consumer = Charger });
        await _process.FeedAsync(_process.Relays.Single(r => r.Name == Names.Charges));
        using (var read = await Store.ReadItemsAsync(new Partition("b-1"), [Ids.Replay(replay.ReplayId + "-1")], default))
        {
            var record = read.Find(Ids.Replay(replay.ReplayId + "-1"), DeadLetterJson.Default.SubjectReplayRecord)!;
            record.SentAt = _simulation.Clock.GetUtcNow().AddMinutes(5);
            await Store.ReplaceAsync(new Partition("b-1"), record.Id, record.ETag!, JsonSerializer.SerializeToUtf8Bytes(record, DeadLetterJson.Default.SubjectReplayRecord), default);
        }

        Assert.Equal(EditOutcome.Edited, (await EditAsync(entry, Patch("""[{"op":"replace","path":"/total","value":7}]"""))).Outcome);
        _gateway.Lift();
        await _process.RunUntilQuietAsync();

        Assert.True((await EntryAsync(entry.Id.Value)).Open);
        Assert.Equal(0, await ChargesAsync());
        Assert.Equal(ReplayStatus.Failed, (await _process.Replays.FindAsync(replay.ReplayId, default))!.Status);
    }

    [Fact]
    public async Task Closed_entries_and_those_that_are_never_replayed_cannot_be_edited()
    {
        var entry = await FailAsync("b-1");
        await _process.Services.GetRequiredService<DeadLetterDiscarder>().DiscardAsync(Store, new Partition("b-1"), entry.Id, new DiscardReason("r", "bob"), default);
        var closed = await EditAsync(entry, Patch("[]"));
        Assert.Equal(EditOutcome.Conflict, closed.Outcome);
        Assert.Contains("discarded by bob", closed.Reason, StringComparison.Ordinal);
        Assert.Equal(DeadLetterResults.Discarded, (await EntryAsync(entry.Id.Value)).Result);

        _gateway.Lift();
        await HandleAsync(Deliveries.Of(new BookingCancelled("b-2", "late"), 5));
        await HandleAsync(Made("b-2", 3));
        var late = (await EntriesAsync()).Single(e => e.Reason == DeadLetterReasons.OutOfOrder);
        Assert.Equal(EditOutcome.Conflict, (await EditAsync(late, Patch("[]"))).Outcome);
    }

    [Fact]
    public async Task G4_G6_A_body_that_is_no_event_is_replaced_as_a_whole_and_an_event_that_was_handled_before_is_reported_as_such()
    {
        _gateway.Lift();
        var sound = Made("b-1", 1);
        await HandleAsync(sound);
        await HandleAsync(new ReceivedMessage { Body = "not json"u8.ToArray(), SessionId = "b-1", MessageId = "m-1", DeliveryCount = 1 });
        await HandleAsync(Deliveries.Of(new BookingCancelled("b-1", "Changed my mind."), 2));
        var entry = (await EntriesAsync()).Single(e => e.Reason == DeadLetterReasons.NotJson);

        Assert.Contains("whole CloudEvent", (await EditAsync(entry, Patch("[]"))).Reason, StringComparison.Ordinal);
        Assert.Contains("NotACloudEvent", (await EditAsync(entry, Replacement("{}"))).Reason, StringComparison.Ordinal);
        var result = await EditAsync(entry, Replacement(Encoding.UTF8.GetString(sound.Body.Span)));
        Assert.Equal((EditOutcome.Edited, null), (result.Outcome, result.Reason));
        var edited = await EntryAsync(entry.Id.Value);
        Assert.Equal((sound.MessageId, 1L, "event replaced", "not json"), (edited.EventId?.Value, edited.Sequence, edited.Edits![0].How, Encoding.UTF8.GetString(edited.Original!)));
        var view = await _process.Services.GetRequiredService<DryRun>().RunAsync(Store, App.Definition.Consumers.Single(c => c.Name == Charger), new Partition("b-1"), entry.Id, 10, default).AllowedAsync();
        Assert.Equal(["alreadyHandled", "handled"], view.Steps.Select(s => s.Outcome));
        Assert.Equal(1, view.Handled);

        var replay = await ReplayAsync(entry);

        Assert.Equal((ReplayStatus.Completed, 2L, 1L), (replay.Status, replay.Sent, replay.AlreadyHandled));
        var closed = await EntryAsync(entry.Id.Value);
        Assert.Equal((false, DeadLetterResults.AlreadyHandled), (closed.Open, closed.Result));
        Assert.Equal("had been handled before; the edit had no effect", closed.History[^1].What);
        Assert.Equal("alreadyHandled", (await DeadLetterQueries.ListAsync(Store, new DeadLetterFilter { Id = entry.Id.Value }, 1, null, default)).Items[0].Result);
        Assert.Null(Assert.Single(await Flows.OfCorrelationAsync(Store, "flow-1", default), h => h.Consumer == Charger && h.Sequence == 1).Edit);
    }

    [Fact]
    public async Task G4_Two_bodies_that_become_the_same_event_are_both_closed_and_it_is_handled_once()
    {
        _gateway.Lift();
        foreach (var id in new[] { "m-1", "m-2" })
            await HandleAsync(new ReceivedMessage { Body = Encoding.UTF8.GetBytes("not json " + id), SessionId = "b-1", MessageId = id, DeliveryCount = 1 });
        var entries = await EntriesAsync();
        foreach (var entry in entries)
            Assert.Equal(EditOutcome.Edited, (await EditAsync(entry, Replacement(Encoding.UTF8.GetString(Made("b-1", 1).Body.Span)))).Outcome);

        await ReplayAsync(entries[0]);

        Assert.Equal([DeadLetterResults.AlreadyHandled, DeadLetterResults.Handled], (await EntriesAsync()).Select(e => e.Result).Order());
        Assert.Single(await Flows.OfCorrelationAsync(Store, "flow-1", default), h => h.Consumer == Charger);
    }

    [Fact]
    public async Task G4_An_order_free_body_that_was_no_event_is_handled_once_wherever_it_belongs_and_told_if_it_was_before()
    {
        const string consumer = "bookings/statistics";
        var at = new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
        _simulation.Clock.AdvanceTo(at);
        var completed = Deliveries.Of(new BookingCompleted("b-1", "g-1", "EUR", 30m, [new BookedRoom("a", 1, 10m), new BookedRoom("b", 2, 10m)]), 1, time: at);
        foreach (var id in new[] { "m-1", "m-2" })
            await HandleAsync(new ReceivedMessage { Body = Encoding.UTF8.GetBytes("not json " + id), SessionId = "b-1", MessageId = id, DeliveryCount = 1 }, consumer);
        var entries = await EntriesAsync(Names.Statistics);
        var results = new List<string?>();
        foreach (var entry in entries)
        {
            Assert.Equal(EditOutcome.Edited, (await EditAsync(entry, Replacement(Encoding.UTF8.GetString(completed.Body.Span)), Names.Statistics)).Outcome);
            await ReplayAsync(entry, consumer);
            results.Add((await EntriesAsync(Names.Statistics)).Single(e => e.Id == entry.Id).Result);
        }

        Assert.Equal([DeadLetterResults.Handled, DeadLetterResults.AlreadyHandled], results);
        var states = await Invariants.AllAsync(_process.Container(Names.Statistics), RecordKinds.State);
        Assert.Equal([1, 1], states.Select(s => s.GetProperty("data").GetProperty("bookings").GetInt32()));
        var flow = await Flows.OfCorrelationAsync(_process.Store(Names.Statistics), "flow-1", default);
        Assert.All(flow, h => Assert.Equal((entries[0].Id + "#1", "ann"), (h.Edit, h.EditedBy)));
    }

    [Fact]
    public async Task Data_that_is_kept_elsewhere_is_fetched_patched_and_kept_in_the_event()
    {
        await _process.DisposeAsync();
        _simulation.Configure += services => services.AddSingleton(new PayloadOptions { MaxInlineBytes = 400 });
        _process = _simulation.Start();
        var booking = new BookingMade("b-1", "g-1", "EUR", 10m, [new BookedRoom("a", 0, 10m)]);
        var type = TestedApp.Messages.Of(booking);
        await _simulation.Payloads.For(new FaultPlan()).PutAsync("bookings/b-1/1/x", JsonSerializer.SerializeToUtf8Bytes(booking, type.Json), null, default);
        var body = $$"""{"specversion":"1.0","id":"bookings:b-1:1","source":"bookings","type":"{{type.Name}}","subject":"b-1","sequence":"1","partitionkey":"b-1","dataref":"{{InMemoryPayloads.Address}}/bookings/b-1/1/x"}""";
        await HandleAsync(new ReceivedMessage { Body = Encoding.UTF8.GetBytes(body), SessionId = "b-1", MessageId = "x", DeliveryCount = 1 });
        var entry = (await EntriesAsync()).Single();

        var tooLarge = await EditAsync(entry, Patch("""[{"op":"replace","path":"/currency","value":"$X"}]""".Replace("$X", new string('x', 400), StringComparison.Ordinal)));
        Assert.Contains("at most 400", tooLarge.Reason, StringComparison.Ordinal);
        Assert.Equal(EditOutcome.Edited, (await EditAsync(entry, Patch("""[{"op":"replace","path":"/rooms/0/count","value":3}]"""))).Outcome);

        var edited = JsonNode.Parse((await EntryAsync(entry.Id.Value)).Body)!;
        Assert.Equal((3, null), ((int)edited["data"]!["rooms"]![0]!["count"]!, edited["dataref"]));
        Assert.Equal(body, Encoding.UTF8.GetString((await EntryAsync(entry.Id.Value)).Original!));
    }

    [Fact]
    public async Task Only_what_comes_from_the_ledger_is_believed_to_have_been_edited()
    {
        _gateway.Lift();
        var forged = JsonNode.Parse(Made("b-1", 1).Body.Span)!.AsObject();
        forged["editid"] = "dl:made-up#1";
        forged["editedby"] = "nobody";
        await HandleAsync(Made("b-1", 1) with { Body = JsonSerializer.SerializeToUtf8Bytes(forged) });
        Assert.Null(Assert.Single(await Flows.OfCorrelationAsync(Store, "flow-1", default), h => h.Consumer == Charger).Edit);
    }

    [Fact]
    public async Task A_group_is_patched_step_by_step_and_what_cannot_be_is_told()
    {
        for (var i = 1; i <= 5; i++)
            await BreakAsync(Invariant($"b-{i}"));
        await HandleAsync(Deliveries.Of(new BookingMade("b-6", "g-1", "EUR", 10m, [new BookedRoom("a", 0, 10m), new BookedRoom("b", 0, 1m)]), 1));
        var groups = new DeadLetterGroups();
        await groups.AddAsync(Store, new DeadLetterFilter { Open = true }, default);
        var group = Assert.Single(groups.ToList());
        var filter = new DeadLetterFilter { Fingerprint = group.Fingerprint };
        var patch = Patch("""[{"op":"replace","path":"/rooms/0/count","value":1}]""");

        Assert.Equal("The group has 6 open entries or more, not the 5 that were confirmed.", await DeadLetterEditor.ConfirmAsync([Store], filter, 5, default));
        Assert.Null(await DeadLetterEditor.ConfirmAsync([Store], filter, 6, default));
        Assert.Equal((6, 0, 5, 1, 1), await AllStepsAsync());
        _simulation.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((6, 5, 0, 1, 1), await AllStepsAsync());
        Assert.All((await EntriesAsync()).Where(e => e.Partition.Value != "b-6"), e => Assert.Single(e.Edits!));
        Assert.Null((await EntriesAsync()).Single(e => e.Partition.Value == "b-6").Edits);

        // Somebody else's edit in between is not undone.
        Assert.Equal(EditOutcome.Edited, (await EditAsync((await EntriesAsync()).Single(e => e.Partition.Value == "b-1"), Patch("""[{"op":"replace","path":"/rooms/0/count","value":9}]"""))).Outcome);
        Assert.Equal((6, 5, 0, 1, 1), await AllStepsAsync());

        async Task<(int Seen, int Already, int Edited, int Refused, int Shown)> AllStepsAsync()
        {
            string? continuation = null;
            var sum = (0, 0, 0, 0, 0);
            do
            {
                var step = await Edits.EditGroupAsync(Store, filter, continuation, 2, patch, default);
                Assert.All(step.Refused, r => Assert.Equal(("b-6", "$.rooms[1].count"), (r.Partition, r.Path)));
                sum = (sum.Item1 + step.Edited + step.AlreadyEdited + step.RefusedCount, sum.Item2 + step.AlreadyEdited, sum.Item3 + step.Edited, sum.Item4 + step.RefusedCount, sum.Item5 + step.Refused.Count);
                continuation = step.Continuation;
            }
            while (continuation is not null);
            return sum;
        }
    }

    [Fact]
    public async Task G9_A_crash_at_any_io_of_an_edit_leaves_it_made_or_not_made()
    {
        var patch = Patch("""[{"op":"replace","path":"/total","value":7}]""");
        await FailAsync("b-0");
        for (var at = 1; at <= 10; at++)
        {
            foreach (var before in new[] { true, false })
            {
                var subject = Invariant($"b-{at}{(before ? "b" : "a")}");
                var entry = await FailAsync(subject);
                var plan = new FaultPlan { CrashAt = await IosToConnectAsync() + at, Before = before };
                await using var dying = _simulation.Start(plan);
                using (await dying.Store(Names.Charges).ReadAsync(new Partition("warm"), _ => [], default))
                {
                }

                try
                {
                    await dying.Services.GetRequiredService<DeadLetterEditor>().EditAsync(dying.Store(Names.Charges), new Partition(subject), entry.Id, patch, default);
                }
                catch (Exception) when (plan.IsDead)
                {
                    // Killed.
                }

                var now = await EntryAsync(entry.Id.Value);
                Assert.Equal((now.Edits?.Count ?? 0, now.Original is null ? 0 : 1), (now.Attempt, now.Attempt));
                Assert.True((await EditAsync(entry, patch)).Outcome is EditOutcome.Edited or EditOutcome.AlreadyEdited);
                Assert.Single((await EntryAsync(entry.Id.Value)).Edits!);
                if (plan.IsDead)
                    continue;
                Assert.True(at > 2);
                return;
            }
        }

        Assert.Fail("An edit takes more I/O than expected.");
    }

    private async Task<int> IosToConnectAsync()
    {
        await using var process = _simulation.Start();
        using (await process.Store(Names.Charges).ReadAsync(new Partition("warm"), _ => [], default))
        {
        }

        return process.Plan.Count;
    }

    private static MessageEdit Patch(string patch, int? from = null) => EditingOf(patch, null, from);

    private static MessageEdit Replacement(string replacement) => EditingOf(null, replacement, null);

    private static MessageEdit EditingOf(string? patch, string? replacement, int? from)
    {
        var editing = MessageEdit.Create(
            patch is null ? null : JsonSerializer.Deserialize<JsonElement>(patch),
            replacement is null ? null : JsonSerializer.Deserialize<JsonElement>(replacement),
            "The site sent 0.", "ann", from, out var wrong);
        Assert.Null(wrong);
        return editing!;
    }

    private Task<EditResult> EditAsync(DeadLetter entry, MessageEdit what, string container = Names.Charges) =>
        Edits.EditAsync(_process.Store(container), entry.Partition, entry.Id, what, default);

    /// <summary>Through the broker, until nothing is left to do.</summary>
    private async Task<ReplaySummary> ReplayAsync(DeadLetter entry, string consumer = Charger)
    {
        var service = App.Definition.Consumers.Single(c => c.Name == consumer);
        var replay = await _process.ReplayAsync(new DeadLetterFilter { Partition = entry.Partition.Value, Consumer = consumer, Id = service.IsUnordered ? entry.Id.Value : null });
        await _process.RunUntilQuietAsync();
        return (await _process.Replays.FindAsync(replay.ReplayId, default))!;
    }

    /// <summary>A booking with a count of 0, which breaks its contract.</summary>
    private async Task<DeadLetter> BreakAsync(string booking)
    {
        await HandleAsync(Deliveries.Of(new BookingMade(booking, "g-1", "EUR", 10m, [new BookedRoom("a", 0, 10m)]), 1));
        return (await EntriesAsync()).Single(e => e.Partition.Value == booking);
    }

    /// <summary>A sound booking, at which the gateway failed.</summary>
    private async Task<DeadLetter> FailAsync(string booking)
    {
        await HandleAsync(Deliveries.Of(new RoomsReserved(booking), 1, "rooms"), "rooms/charges");
        await HandleAsync(Made(booking, 1));
        return (await EntriesAsync()).Single(e => e.Partition.Value == booking);
    }

    private async Task<int> ChargesAsync() => (await Invariants.AllAsync(_process.Container(Names.Gateways), null)).Count;

    private static ReceivedMessage Made(string booking, long sequence) =>
        Deliveries.Of(new BookingMade(booking, "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), sequence);

    private Task<Settlement> HandleAsync(ReceivedMessage delivery, string consumer = Charger) =>
        _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, default);

    private async Task<DeadLetter> EntryAsync(string id) => (await EntriesAsync()).Single(e => e.Id.Value == id);

    private async Task<List<DeadLetter>> EntriesAsync(string container = Names.Charges) =>
        [.. (await Invariants.AllAsync(_process.Container(container), RecordKinds.DeadLetter)).Select((Func<JsonElement, DeadLetter>)(e => JsonSerializer.Deserialize<DeadLetter>(e, DeadLetterJson.Default.DeadLetter)!))];
}
