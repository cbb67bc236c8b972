using System.Text;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>What comes between the steps of a replay: a stop, a container that is out of reach, a record that is broken, a long time.</summary>
public sealed class PlanRaceTests
{
    [Fact]
    public async Task A_stop_that_comes_before_the_subjects_were_started_leaves_none_of_them_going_on()
    {
        var faults = new FaultPlan();
        await using var rig = new ReplayRig(faults);
        await rig.FillAsync(subjects: 4, messages: 3);
        rig.Fails = (_, _) => false;
        var plan = await rig.PlanAsync(rate: 10);
        faults.Interrupt = async operation =>
        {
            // The plan says that they are running, and the first of them is looked at.
            if (!operation.Contains("/colls/rooms/docs/", StringComparison.Ordinal))
                return;
            faults.Interrupt = null;
            Assert.Equal(ReplayStatus.Stopped, (await rig.Replays.StopAsync(plan.ReplayId, "bob", null, default).AllowedAsync()).Status);
        };

        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync();

        Assert.Null(faults.Interrupt);
        Assert.Empty(rig.Sent);
        Assert.Equal(12, await rig.OpenAsync());
        var view = await rig.ViewAsync(plan.ReplayId);
        Assert.Equal((ReplayStatus.Stopped, 4, 0, 0), (view.Status, view.Skipped, view.Completed, view.Running));
    }

    [Fact]
    public async Task The_records_of_stopped_subjects_expire_like_all_others()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 6, messages: 3);
        rig.Fails = (_, _) => false;
        var plan = await rig.PlanAsync(rate: 4);
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync(async () => (await rig.ViewAsync(plan.ReplayId)).Completed >= 2);
        await rig.Replays.StopAsync(plan.ReplayId, "bob", null, default).AllowedAsync();
        await rig.RunAsync();

        var records = await Invariants.AllAsync(rig.Process.Container(Names.Rooms), RecordKinds.Replay);
        Assert.InRange(records.Count(r => r.GetProperty("status").GetString() == ReplayStatus.Stopped), 1, 4);
        Assert.All(records, r => Assert.InRange(r.GetProperty("ttl").GetInt32(), 1, 90 * 24 * 60 * 60));
    }

    [Fact]
    public async Task A_stop_while_it_is_being_planned_holds()
    {
        var faults = new FaultPlan();
        await using var rig = new ReplayRig(faults);
        await rig.FillAsync(subjects: 2, messages: 1);
        var writes = 0;
        faults.Interrupt = async operation =>
        {
            // The plan is there, and its subjects are about to be written.
            if (!operation.StartsWith("POST", StringComparison.Ordinal) || !operation.Contains("/colls/replays/", StringComparison.Ordinal) || ++writes < 2)
                return;
            faults.Interrupt = null;
            await rig.Replays.StopAsync(Assert.Single((await rig.Replays.ListAsync(10, null, default)).Items).ReplayId, "bob", null, default).AllowedAsync();
        };

        var plan = await rig.PlanAsync();

        Assert.Equal(ReplayStatus.Stopped, plan.Status);
        Assert.Contains("was stopped", await rig.Replays.ApplyAsync(plan.ReplayId, default).RefusedAsync());
    }

    [Fact]
    public async Task G5_A_container_that_is_out_of_reach_holds_up_its_own_subjects_only()
    {
        var faults = new FaultPlan();
        await using var rig = new ReplayRig(faults, Names.Charges, Names.Rooms);
        foreach (var consumer in new[] { "bookings/charges", "bookings/rooms" })
        {
            for (var subject = 1; subject <= 3; subject++)
                await rig.HandleAsync(ReplayRig.Message(Invariant($"b-{subject}"), 1), consumer);
        }

        rig.Fails = (_, _) => false;
        var plan = await rig.PlanAsync(selection: new DeadLetterFilter());
        var isAway = true;
        faults.Interrupt = operation => isAway && operation.StartsWith("GET", StringComparison.Ordinal) && operation.EndsWith("/colls/charges/docs/head", StringComparison.Ordinal)
            ? throw new CrashException()
            : Task.CompletedTask;
        try
        {
            await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        }
        catch (Exception e) when (e.GetBaseException() is CrashException)
        {
            // The caller may be told; the sweep goes on.
        }

        await rig.RunAsync();
        for (var subject = 1; subject <= 3; subject++)
            Assert.Equal([1L], await rig.SeenAsync(Invariant($"b-{subject}")));
        Assert.Equal((ReplayStatus.Applying, 3), ((await rig.ViewAsync(plan.ReplayId)).Status, (await rig.ViewAsync(plan.ReplayId)).Running));

        isAway = false;
        await rig.RunAsync();
        Assert.Equal((ReplayStatus.Completed, 6), ((await rig.ViewAsync(plan.ReplayId)).Status, (await rig.ViewAsync(plan.ReplayId)).Completed));
    }

    [Fact]
    public async Task G5_A_replay_record_that_cannot_be_read_does_not_hold_up_the_feed()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 1, messages: 1);
        rig.Fails = (_, _) => false;
        foreach (var status in new[] { ReplayStatus.Completed, ReplayStatus.Applying })
        {
            using var broken = new MemoryStream(Encoding.UTF8.GetBytes($$"""{"id":"replay:{{status}}","pk":"b-9","kind":"replay","plan":"p","status":"{{status}}"}"""));
            (await rig.Process.Container(Names.Rooms).CreateItemStreamAsync(broken, new Microsoft.Azure.Cosmos.PartitionKey("b-9"))).EnsureSuccessStatusCode();
        }

        var plan = await rig.PlanAsync();
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync();
        Assert.Equal(ReplayStatus.Completed, (await rig.ViewAsync(plan.ReplayId)).Status);
    }

    [Fact]
    public async Task The_end_of_a_subject_that_comes_twice_counts_once()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 3, messages: 1);
        rig.Fails = (_, _) => false;
        var plan = await rig.PlanAsync(rate: 2);
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync(() => Task.FromResult(rig.Sent.Count == 1));
        await rig.DeliverNextAsync();
        var relay = rig.Process.Relays.Single(r => r.Name == Names.Rooms);
        var entries = await Invariants.AllAsync(rig.Process.Container(Names.Rooms), RecordKinds.DeadLetter);
        await relay.OnFeedAsync([.. entries.Where(e => e.TryGetProperty("replay", out _))], default);
        var over = (await Invariants.AllAsync(rig.Process.Container(Names.Rooms), RecordKinds.Replay))
            .Where(r => r.GetProperty("status").GetString() == ReplayStatus.Completed).ToList();

        await relay.OnFeedAsync([.. over, .. over], default);

        Assert.Single(over);
        Assert.Equal((1, 1L), ((await rig.ViewAsync(plan.ReplayId)).Completed, (await rig.ViewAsync(plan.ReplayId)).Sent));
        await rig.RunAsync();
        Assert.Equal((3, 3L), ((await rig.ViewAsync(plan.ReplayId)).Completed, (await rig.ViewAsync(plan.ReplayId)).Sent));
    }

    [Fact]
    public async Task A_plan_that_is_too_old_to_come_to_its_end_is_refused()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 1, messages: 1);
        rig.Fails = (_, _) => false;
        var plan = await rig.PlanAsync();
        rig.Clock.Advance(TimeSpan.FromDays(31));

        var refused = await rig.Replays.ApplyAsync(plan.ReplayId, default).RefusedAsync();

        Assert.Contains("Plan again", refused);
        Assert.Equal(ReplayStatus.Planned, (await rig.ViewAsync(plan.ReplayId)).Status);
    }

    [Fact]
    public async Task What_waits_behind_a_held_message_goes_on_after_an_operator_has_replayed_that_one_alone()
    {
        await using var rig = new ReplayRig();
        rig.Fails = (_, _) => false;
        rig.OnHandle = (_, _, _) => throw new TimeoutException("The gateway does not answer.");
        await rig.FillAsync(subjects: 1, messages: 3);
        rig.OnHandle = (_, _, _) => { };
        var held = (await DeadLetterQueries.ListAsync(rig.Store, new DeadLetterFilter { Reason = DeadLetterReasons.TransientFailure }, 10, null, default)).Items.Single();

        var plan = await rig.Replays.PlanAsync(new ReplayRequest { Selection = new DeadLetterFilter { Id = held.Id }, Only = true }, default).AllowedAsync();
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync();

        Assert.Equal((ReplayStatus.Completed, 1L), ((await rig.ViewAsync(plan.ReplayId)).Status, (await rig.ViewAsync(plan.ReplayId)).Sent));
        Assert.Equal([1L, 2, 3], await rig.SeenAsync("b-1"));
        Assert.Equal(0, await rig.OpenAsync());
    }

    [Fact]
    public async Task A_held_message_that_the_broker_refuses_waits_for_an_operator_and_says_so()
    {
        await using var rig = new ReplayRig { IsRefused = _ => true };
        rig.OnHandle = (_, _, _) => throw new TimeoutException("The gateway does not answer.");
        await rig.FillAsync(subjects: 1, messages: 1);
        await rig.RunAsync();

        var entry = (await DeadLetterQueries.ListAsync(rig.Store, new DeadLetterFilter { Open = true }, 10, null, default)).Items.Single();
        Assert.Equal(("open", null), (entry.Status, entry.RetryAt));
        Assert.Contains("The broker takes no such message.", (await DeadLetterQueries.ShowAsync(rig.Store, new Partition("b-1"), new DeadLetterId(entry.Id), default))!.History![^1]);
    }

    [Fact]
    public async Task A_subject_that_another_replay_has_continued_is_skipped_as_well()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 1, messages: 4);
        rig.Fails = (_, _) => false;
        var first = await rig.PlanAsync(rate: 1);
        var second = await rig.PlanAsync(rate: 2);
        await rig.Replays.ApplyAsync(first.ReplayId, default).AllowedAsync();
        await rig.RunAsync(() => Task.FromResult(rig.Sent.Count == 2));

        // What it was planned for is done; the other one has the next in hand.
        await rig.Replays.ApplyAsync(second.ReplayId, default).AllowedAsync();
        await rig.RunAsync();

        Assert.Equal((4, 1, 0), (rig.Sent.Count, (await rig.ViewAsync(first.ReplayId)).Completed, (await rig.ViewAsync(second.ReplayId)).Completed));
        Assert.Contains("processes it", Assert.Single(await rig.SubjectsAsync(second.ReplayId)).Detail);
    }

    [Fact]
    public async Task A_ledger_that_takes_no_entry_does_not_make_the_handler_run_over_and_over()
    {
        var faults = new FaultPlan();
        await using var rig = new ReplayRig(faults);
        var runs = 0;
        rig.OnHandle = (_, _, _) =>
        {
            runs++;
            throw new TimeoutException("The gateway does not answer.");
        };
        faults.Interrupt = operation => operation.StartsWith("POST", StringComparison.Ordinal) && operation.Contains("/colls/rooms/", StringComparison.Ordinal)
            ? throw new NotSupportedException("The container takes no writes.")
            : Task.CompletedTask;

        Assert.Equal(SettlementKind.GiveBack, (await rig.HandleAsync(ReplayRig.Message("b-1", 1))).Kind);

        Assert.Equal(new ConsumerOptions().AttemptsPerDelivery, runs);
    }
}
