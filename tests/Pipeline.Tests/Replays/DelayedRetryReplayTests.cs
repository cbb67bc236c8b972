using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Editing;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Delayed retries, operators' replays and edits that meet at the same entry.</summary>
public sealed class DelayedRetryReplayTests
{
    [Fact]
    public async Task A_retry_that_is_due_while_an_operator_replays_its_entry_waits_for_the_end_of_that()
    {
        await using var rig = await HeldAsync(messages: 3);
        rig.OnHandle = (_, _, _) => { };
        var plan = await rig.Replays.PlanAsync(new ReplayRequest { Selection = new DeadLetterFilter { Id = (await EntryAsync(rig)).Id }, Only = true }, default).AllowedAsync();
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();

        // The retry's message and the operator's are with the broker, which is slow.
        await rig.RunAsync(() => Task.FromResult(rig.Sent.Count == 2));
        rig.Clock.Advance(TimeSpan.FromSeconds(5));
        foreach (var relay in rig.Process.Relays)
            await relay.SweepAsync(default);
        await rig.RunAsync();

        Assert.Equal(ReplayStatus.Completed, (await rig.ViewAsync(plan.ReplayId)).Status);
        Assert.Equal([1L, 2, 3], await rig.SeenAsync("b-1"));
        Assert.Equal(0, await rig.OpenAsync());
    }

    [Fact]
    public async Task A_replay_whose_entry_is_held_again_is_told_by_the_feed_and_needs_no_sweep()
    {
        await using var rig = await HeldAsync(messages: 1);
        var plan = await rig.PlanAsync();
        await rig.Replays.ApplyAsync(plan.ReplayId, default).AllowedAsync();

        await rig.RunAsync(async () => (await rig.ViewAsync(plan.ReplayId)).Status == ReplayStatus.Failed);

        Assert.Equal(1, (await EntryAsync(rig)).Attempt);
    }

    [Fact]
    public async Task A_held_message_that_is_edited_waits_for_an_operator_and_says_so()
    {
        await using var rig = await HeldAsync(messages: 1);
        await rig.RunAsync(() => Task.FromResult(rig.Sent.Count == 1));
        var patch = JsonSerializer.Deserialize<JsonElement>("""[{"op":"replace","path":"/total","value":20}]""");

        var result = await rig.Process.Services.GetRequiredService<DeadLetterEditor>().EditAsync(
            rig.Store, new Partition("b-1"), new DeadLetterId((await EntryAsync(rig)).Id), MessageEdit.Create(patch, null, "The total was wrong.", "ann", null, out _)!, default);

        Assert.Equal(EditOutcome.Edited, result.Outcome);
        Assert.Equal(("open", null), ((await EntryAsync(rig)).Status, (await EntryAsync(rig)).RetryAt));
    }

    /// <summary>One subject, whose first message is held.</summary>
    private static async Task<ReplayRig> HeldAsync(int messages)
    {
        var rig = new ReplayRig { Fails = (_, _) => false, OnHandle = (_, _, _) => throw new TimeoutException("The gateway does not answer.") };
        await rig.FillAsync(subjects: 1, messages);
        return rig;
    }

    private static async Task<DeadLetterDetails> EntryAsync(ReplayRig rig) =>
        (await DeadLetterQueries.ListAsync(rig.Store, new DeadLetterFilter { Open = true }, 10, null, default)).Items.Single(e => e.Sequence == 1);
}
