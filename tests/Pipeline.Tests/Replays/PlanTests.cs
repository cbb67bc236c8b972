using Microsoft.Extensions.DependencyInjection;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>A replay as a document: what a plan freezes, how apply keeps rate and order, how it ends, and that it can be stopped and cut off anywhere.</summary>
public sealed class PlanTests
{
    [Fact]
    public async Task G6_A_plan_freezes_the_blocked_heads_with_what_waits_behind_them_and_sends_nothing()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 3, messages: 4);

        var plan = await rig.PlanAsync(rate: 4);

        Assert.Equal((ReplayStatus.Planned, 3, 12L, 3.0), (plan.Status, plan.Subjects, plan.Entries, plan.EstimatedSeconds));
        var group = Assert.Single(plan.Groups);
        Assert.Equal((3, 12L), (group.Subjects, group.Entries));
        Assert.Contains("The hotel is closed.", group.Summary);
        Assert.Equal(("ann", "mended"), (plan.By, plan.Why));
        var subjects = await rig.SubjectsAsync(plan.ReplayId);
        Assert.Equal(["b-1", "b-2", "b-3"], subjects.OrderBy(s => s.Number).Select(s => s.Partition));
        Assert.All(subjects, s => Assert.Equal((4, ReplayStatus.Planned, DeadLetterReasons.HandlerFailed), (s.Waiting, s.Status, s.Reason)));

        await rig.RunAsync();
        Assert.Empty(rig.Sent);
        Assert.Equal(12, await rig.OpenAsync());
    }

    [Fact]
    public async Task G6_An_applied_replay_brings_every_subject_to_its_end_in_order_with_what_came_meanwhile()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 50, messages: 4);
        rig.Fails = (_, _) => false;
        var plan = await rig.PlanAsync();
        await rig.HandleAsync(ReplayRig.Message("b-7", 5));

        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync();

        var view = await rig.ViewAsync(plan.ReplayId);
        Assert.Equal((ReplayStatus.Completed, 50, 0, 0, 201L), (view.Status, view.Completed, view.Failed, view.Skipped, view.Sent));
        Assert.NotNull(view.FinishedAt);
        for (var subject = 1; subject <= 50; subject++)
            Assert.Equal(subject == 7 ? [1, 2, 3, 4, 5] : [1L, 2, 3, 4], await rig.SeenAsync(Invariant($"b-{subject}")));
        Assert.Equal(0, await rig.OpenAsync());
        Assert.All(await rig.SubjectsAsync(plan.ReplayId), s => Assert.Equal(ReplayStatus.Completed, s.Status));
        Assert.Equal(ReplayStatus.Completed, (await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync()).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(200)]
    public async Task The_rate_holds_over_all_subjects_together_and_is_used(int rate)
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 60, messages: 2);
        rig.Fails = (_, _) => false;
        var plan = await rig.PlanAsync(rate);
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync();

        var times = rig.Sent.Select(s => s.At).Order().ToList();
        Assert.Equal(120, times.Count);
        for (var i = 0; i < times.Count; i++)
        {
            // In any second that starts with a message; a slot's rounding may bring one more.
            var within = times.Skip(i).TakeWhile(t => t - times[i] < TimeSpan.FromSeconds(1)).Count();
            Assert.InRange(within, 1, rate + 1);
        }

        Assert.InRange((times[^1] - times[0]).TotalSeconds, 0, 1.5 * 120 / rate);
    }

    [Fact]
    public async Task The_few_subjects_that_are_left_go_on_as_fast_as_the_rate_allows()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 20, messages: 1);
        for (var sequence = 2; sequence <= 40; sequence++)
            await rig.HandleAsync(ReplayRig.Message("b-1", sequence));
        rig.Fails = (_, _) => false;
        var plan = await rig.PlanAsync(rate: 20);
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync();

        // One message of it in half a second, had its pace stayed that of ten subjects side by side.
        var times = rig.Sent.Select(s => s.At).Order().ToList();
        Assert.InRange((times[^1] - times[0]).TotalSeconds, 2, 10);
    }

    [Fact]
    public async Task G6_A_message_that_fails_again_keeps_its_subject_blocked_and_the_others_go_on()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 5, messages: 3);
        rig.Fails = (subject, sequence) => subject == "b-2" && sequence == 2;
        var plan = await rig.PlanAsync();
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync();

        var view = await rig.ViewAsync(plan.ReplayId);
        Assert.Equal((ReplayStatus.Failed, 4, 1), (view.Status, view.Completed, view.Failed));
        Assert.Contains("b-2 at bookings/rooms: failed again: HandlerFailed", view.Detail);
        var failed = Assert.Single(await rig.SubjectsAsync(plan.ReplayId), s => s.Status == ReplayStatus.Stopped);
        Assert.Equal(("b-2", 2), (failed.Partition, failed.Sent));
        Assert.Equal([1], await rig.SeenAsync("b-2"));
        var entries = (await DeadLetterQueries.ListAsync(rig.Store, new DeadLetterFilter { Open = true }, 10, null, default)).Items;
        Assert.Equal([(2L, 1), (3L, 0)], entries.OrderBy(e => e.Sequence).Select(e => (e.Sequence!.Value, e.Attempt)));
        Assert.Equal(SettlementKind.DeadLetter, (await rig.HandleAsync(ReplayRig.Message("b-2", 4))).Kind);
    }

    [Fact]
    public async Task Too_many_failures_end_it_before_all_subjects_were_tried()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 30, messages: 1);
        var plan = await rig.PlanAsync(rate: 4, maxFailed: 3);
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync();

        var view = await rig.ViewAsync(plan.ReplayId);
        Assert.Equal(ReplayStatus.Stopped, view.Status);
        Assert.InRange(view.Failed, 3, 4);
        Assert.Contains("3 subjects failed again", view.Detail);
        Assert.InRange(rig.Sent.Count, 3, 6);
        Assert.Equal(30, await rig.OpenAsync());
    }

    [Fact]
    public async Task A_stopped_replay_sends_nothing_more_and_says_what_was_left()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 30, messages: 2);
        rig.Fails = (_, _) => false;
        var plan = await rig.PlanAsync(rate: 10);
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync(async () => (await rig.ViewAsync(plan.ReplayId)).Completed >= 10);

        var stopped = await rig.Replays.StopAsync(plan.ReplayId, "bob", "Black Friday", default).AllowedAsync();
        var sent = rig.Sent.Count;
        await rig.RunAsync();

        var view = await rig.ViewAsync(plan.ReplayId);
        Assert.Equal((ReplayStatus.Stopped, ReplayStatus.Stopped), (stopped.Status, view.Status));
        Assert.Equal("Stopped by bob: Black Friday.", view.Detail);
        Assert.Equal(sent, rig.Sent.Count);
        Assert.Equal(0, view.Running);
        Assert.Contains(await rig.SubjectsAsync(plan.ReplayId), s => s.Status == ReplayStatus.Planned);
        var refused = await rig.Replays.ApplyAsync(plan.ReplayId, default).RefusedAsync();
        Assert.Contains("Plan again", refused);

        // The rest is replayed by another one.
        var rest = await rig.PlanAsync();
        await rig.Replays.ApplyAsync(rest.ReplayId, default).AllowedAsync();
        await rig.RunAsync();
        Assert.Equal(0, await rig.OpenAsync());
        for (var subject = 1; subject <= 30; subject++)
            Assert.Equal([1L, 2], await rig.SeenAsync(Invariant($"b-{subject}")));
    }

    [Fact]
    public async Task What_changed_since_the_plan_is_left_alone_or_goes_on_with_what_waits()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 3, messages: 2);
        await rig.HandleAsync(ReplayRig.Message("b-4", 2));
        rig.Fails = (_, _) => false;
        var plan = await rig.PlanAsync();

        // b-1: its head is discarded. b-2: all of it is replayed by somebody else. b-4: an earlier message turns up.
        var discards = new DeadLetterDiscarder(TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<DeadLetterDiscarder>.Instance);
        var head = (await rig.SubjectsAsync(plan.ReplayId)).Single(s => s.Partition == "b-1").Entry;
        await discards.DiscardAsync(rig.Store, new Partition("b-1"), new DeadLetterId(head), new DiscardReason("Not ours.", "ann"), default);
        var other = await rig.PlanAsync(selection: new DeadLetterFilter { Partition = "b-2" });
        await rig.Replays.ApplyAsync(other.ReplayId, default).AllowedAsync();
        await rig.RunAsync();
        rig.Fails = (_, _) => true;
        await rig.HandleAsync(ReplayRig.Message("b-4", 1));
        rig.Fails = (_, _) => false;
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync();

        var subjects = (await rig.SubjectsAsync(plan.ReplayId)).ToDictionary(s => s.Partition);
        Assert.Equal((ReplayStatus.Completed, 1), (subjects["b-1"].Status, subjects["b-1"].Sent));
        Assert.Equal((ReplayStatus.Completed, 0), (subjects["b-2"].Status, subjects["b-2"].Sent));
        Assert.Equal((ReplayStatus.Skipped, 0), (subjects["b-4"].Status, subjects["b-4"].Sent));
        Assert.Contains("comes before what was planned", subjects["b-4"].Detail);
        Assert.Equal([2L], await rig.SeenAsync("b-1"));
        Assert.Equal([1L, 2], await rig.SeenAsync("b-2"));
    }

    [Fact]
    public async Task A_subject_that_another_replay_has_in_hand_is_skipped()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 1, messages: 3);
        rig.Fails = (_, _) => false;
        var first = await rig.PlanAsync(rate: 1);
        var second = await rig.PlanAsync(rate: 2);
        await rig.Replays.ApplyAsync(first.ReplayId, default).AllowedAsync();
        await rig.RunAsync(() => Task.FromResult(rig.Sent.Count == 1));
        await rig.Replays.ApplyAsync(second.ReplayId, default).AllowedAsync();
        await rig.RunAsync();

        Assert.Equal((1, 0), ((await rig.ViewAsync(first.ReplayId)).Completed, (await rig.ViewAsync(second.ReplayId)).Completed));
        Assert.Contains("processes it", Assert.Single(await rig.SubjectsAsync(second.ReplayId)).Detail);
        Assert.Equal([1L, 2, 3], await rig.SeenAsync("b-1"));
    }

    [Fact]
    public async Task What_no_consumer_handles_any_more_is_not_planned()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 2, messages: 1);
        rig.Services = [Names.Charges];
        rig.Restart();

        Assert.Contains($"There is no consumer '{ReplayRig.Consumer}' any more", await rig.TryPlanAsync(selection: new DeadLetterFilter { Partition = "b-1" }).RefusedAsync());
        Assert.Empty((await rig.Replays.ListAsync(10, null, default)).Items);
    }

    [Fact]
    public async Task What_waits_behind_something_else_is_no_replay_of_its_own()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 2, messages: 2);

        var refused = await rig.TryPlanAsync(selection: new DeadLetterFilter { Reason = DeadLetterReasons.BlockedByPredecessor }).RefusedAsync();
        Assert.Contains("waits behind another message", refused);
        Assert.Contains("No open dead letter", await rig.TryPlanAsync(selection: new DeadLetterFilter { Type = "com.contoso.unknown.v1" }).RefusedAsync());
        Assert.Contains("There is no consumer 'nobody'", await rig.TryPlanAsync(selection: new DeadLetterFilter { Consumer = "nobody" }).RefusedAsync());
        Assert.Empty((await rig.Replays.ListAsync(10, null, default)).Items);
    }

    [Fact]
    public async Task One_entry_alone_leaves_what_waits_behind_it()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 1, messages: 3);
        rig.Fails = (_, _) => false;
        var entry = (await DeadLetterQueries.ListAsync(rig.Store, new DeadLetterFilter { Reason = DeadLetterReasons.HandlerFailed }, 1, null, default)).Items[0].Id;
        var plan = await rig.Replays.PlanAsync(new ReplayRequest { Selection = new DeadLetterFilter { Id = entry }, Only = true }, default).AllowedAsync();
        Assert.Equal(1, plan.Entries);
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync();

        Assert.Equal(ReplayStatus.Completed, (await rig.ViewAsync(plan.ReplayId)).Status);
        Assert.Equal([1L], await rig.SeenAsync("b-1"));
        Assert.Equal(2, await rig.OpenAsync());
    }

    [Fact]
    public async Task A_thousand_dead_letters_of_two_hundred_subjects_are_replayed_with_a_bounded_number_under_way()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 200, messages: 5);
        rig.Fails = (_, _) => false;
        var plan = await rig.PlanAsync(rate: 100);
        Assert.Equal((200, 1_000L, 10.0), (plan.Subjects, plan.Entries, plan.EstimatedSeconds));
        var begun = rig.Now;
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync();

        var view = await rig.ViewAsync(plan.ReplayId);
        Assert.Equal((ReplayStatus.Completed, 200, 1_000L), (view.Status, view.Completed, view.Sent));
        Assert.Equal(0, await rig.OpenAsync());
        Assert.InRange(rig.MostWaiting, 1, 40);
        Assert.InRange((rig.Sent[^1].At - begun).TotalSeconds, 8, 20);
        for (var subject = 1; subject <= 200; subject += 49)
            Assert.Equal(Enumerable.Range(1, 5).Select(i => (long)i), await rig.SeenAsync(Invariant($"b-{subject}")));
    }

    [Fact]
    public async Task G6_A_dry_run_of_a_group_tells_who_would_go_through_who_would_fail_and_whom_the_replay_leaves_alone()
    {
        await using var rig = new ReplayRig();
        await rig.FillAsync(subjects: 4, messages: 2);
        await rig.FillAsync(subjects: 5, messages: 1);
        var plan = await rig.PlanAsync();
        var subjects = await rig.SubjectsAsync(plan.ReplayId);
        var head = subjects.Single(s => s.Partition == "b-4").Entry;
        var discards = new DeadLetterDiscarder(TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<DeadLetterDiscarder>.Instance);
        await discards.DiscardAsync(rig.Store, new Partition("b-4"), new DeadLetterId(head), new DiscardReason("Not ours.", "ann"), default);
        await discards.DiscardAsync(rig.Store, new Partition("b-5"), new DeadLetterId(subjects.Single(s => s.Partition == "b-5").Entry), new DiscardReason("Not ours.", "ann"), default);
        rig.Fails = (subject, sequence) => (subject, sequence) is ("b-2", 1) or ("b-3", 2);
        var before = await rig.SnapshotAsync();

        var dryRun = rig.Process.Services.GetRequiredService<DryRun>();
        var results = (await rig.Replays.DryRunAsync(dryRun, plan.ReplayId, DryRun.DefaultSteps, 10, null, default)).Items.ToDictionary(r => r.Partition);

        Assert.Equal(before, await rig.SnapshotAsync());
        Assert.Empty(rig.Sent);
        Assert.Equal(("handled,handled", 0), (OutcomesOf("b-1"), results["b-1"].DryRun!.NotReached));
        Assert.Equal(("failed", 1), (OutcomesOf("b-2"), results["b-2"].DryRun!.NotReached));
        Assert.Equal(("handled,failed", 0), (OutcomesOf("b-3"), results["b-3"].DryRun!.NotReached));
        Assert.Contains("The hotel is closed.", results["b-3"].DryRun!.Steps[1].Description);
        Assert.Equal("handled", OutcomesOf("b-4"));
        Assert.Equal("Nothing waited any more.", results["b-5"].Refused);

        // And that is what applying it does.
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
        await rig.RunAsync();
        Assert.Equal([1L, 2], await rig.SeenAsync("b-1"));
        Assert.Equal([], await rig.SeenAsync("b-2"));
        Assert.Equal([1L], await rig.SeenAsync("b-3"));
        Assert.Equal([2L], await rig.SeenAsync("b-4"));

        string OutcomesOf(string subject) => string.Join(",", results[subject].DryRun!.Steps.Select(s => s.Outcome));
    }

    [Fact]
    public async Task A_plan_that_was_cut_short_is_never_applied()
    {
        await using var clean = new ReplayRig(new FaultPlan());
        await clean.FillAsync(subjects: 20, messages: 1);
        var before = clean.Process.Plan.Count;
        await clean.PlanAsync();
        var ios = clean.Process.Plan.Count - before;
        for (var at = 1; at <= ios; at++)
        {
            var faults = new FaultPlan { CrashAt = before + at };
            await using var rig = new ReplayRig(faults);
            await rig.FillAsync(subjects: 20, messages: 1);
            await Assert.ThrowsAnyAsync<Exception>(() => rig.PlanAsync());
            rig.Restart();
            foreach (var plan in (await rig.Replays.ListAsync(10, null, default)).Items.Where(p => p.Status == ReplayStatus.Planning))
                Assert.Contains("Plan again", await rig.Replays.ApplyAsync(plan.ReplayId, default).RefusedAsync());
        }
    }

    [Fact]
    public async Task G9_Crash_before_or_after_any_io_of_apply_ends_with_the_same_effects()
    {
        var (clean, ios) = await ApplyWithCrashAsync(null, before: false);
        Assert.True(ios.Count > 60);

        Assert.Equal(clean, (await ApplyWithCrashAsync(1, before: true)).Effects);
        foreach (var at in FaultPlan.CrashPoints(ios))
            Assert.Equal(clean, (await ApplyWithCrashAsync(at, before: false)).Effects);
    }

    /// <summary>Three subjects, one of which fails again; crashes at one I/O of the apply, if any, and goes on with another process.</summary>
    private static async Task<(string Effects, IReadOnlyList<string> Ios)> ApplyWithCrashAsync(int? crashAt, bool before)
    {
        var faults = new FaultPlan { CrashAt = crashAt is null ? null : -1, Before = before };
        await using var rig = new ReplayRig(faults);
        await rig.FillAsync(subjects: 3, messages: 2);
        rig.Fails = (subject, sequence) => subject == "b-2" && sequence == 2;
        var plan = await rig.PlanAsync(rate: 4);
        var begun = faults.Count;
        faults.CrashAt = begun + crashAt;
        try
        {
            await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
            await rig.RunAsync();
        }
        catch (Exception) when (faults.IsDead)
        {
            // As intended; what is only logged does not come through.
        }

        // A run may take an operation less than the one that was counted; the checks are not to die of it.
        faults.CrashAt = null;

        IReadOnlyList<string> ios = [.. faults.Operations.Skip(begun)];
        if (faults.IsDead)
        {
            rig.Restart();
            if ((await rig.ViewAsync(plan.ReplayId)).Status == ReplayStatus.Planned)
                await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();
            await rig.RunAsync();
        }

        var view = await rig.ViewAsync(plan.ReplayId);
        var seen = new List<string>();
        for (var subject = 1; subject <= 3; subject++)
            seen.Add(string.Join(",", await rig.SeenAsync(Invariant($"b-{subject}"))));
        return (Invariant($"{view.Status} {view.Completed} {view.Failed} {view.Skipped} {await rig.OpenAsync()} {string.Join(" ", seen)}"), ios);
    }
}
