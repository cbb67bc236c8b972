using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Decisions;
using Pipeline.Editing;
using Pipeline.Failures;
using Pipeline.Operations;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>
/// Five consumers and fifty subjects, with failures that last and failures that pass, delayed retries, blocks, duplicates, edits, discards and replays at random. Whatever
/// happens, each consumer handles the messages of a subject in their order and once; what it has not handled is in the ledger.
/// </summary>
public sealed class RandomReplayTests
{
    private const int Subjects = 50;
    private static readonly string[] Services = [Names.Bookings, Names.Rooms, Names.Charges, Names.Keys, Names.Mails];

    public static TheoryData<int> Seeds => TestLoad.Seeds(2);

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task G3_G4_G6_Order_and_once_hold_whatever_fails_is_edited_discarded_and_replayed(int seed)
    {
        await using var world = new World(seed);
        for (var step = 1; step <= 800; step++)
            await world.StepAsync();
        await world.HealAsync();
        await world.CheckAsync();
    }

    private sealed class World : IAsyncDisposable
    {
        private readonly ReplayRig _rig;
        private readonly Random _random;
        private readonly Dictionary<(string Service, string Subject), long> _delivered = [];
        private readonly Dictionary<(string Service, string Subject), HashSet<long>> _discarded = [];
        private readonly HashSet<(string Consumer, string Subject, long Sequence)> _broken = [];
        private readonly Dictionary<(string Consumer, string Subject, long Sequence), int> _flaky = [];
        private readonly List<string> _replays = [];

        public World(int seed)
        {
            _random = new Random(seed);
            _rig = new ReplayRig(null, Services) { Fails = (_, _) => false, OnHandle = Handle };
        }

        /// <summary>Mostly the next message of a subject; sometimes a duplicate, an edit, a discard, or a replay, which runs for a while.</summary>
        public async Task StepAsync()
        {
            var (service, subject) = (Services[_random.Next(Services.Length)], Invariant($"b-{_random.Next(Subjects)}"));
            switch (_random.Next(100))
            {
                case < 70:
                    var sequence = _delivered[(service, subject)] = _delivered.GetValueOrDefault((service, subject)) + 1;
                    if (_random.Next(8) == 0)
                        _broken.Add(($"bookings/{service}", subject, sequence));
                    else if (_random.Next(8) == 0)
                        _flaky[($"bookings/{service}", subject, sequence)] = _random.Next(1, 20);
                    await DeliverAsync(service, ReplayRig.Message(subject, sequence));
                    break;
                case < 82:
                    if (_delivered.GetValueOrDefault((service, subject)) is > 0 and var last)
                        await DeliverAsync(service, ReplayRig.Message(subject, _random.NextInt64(1, last + 1)));
                    break;
                case < 86:
                    await ChangeAsync(service, EditAsync);
                    break;
                case < 88:
                    await ChangeAsync(service, DiscardAsync);
                    break;
                case < 94:
                    await ReplayAsync();
                    break;
                default:
                    if (_broken.Count > 0)
                        _broken.Remove(_broken.ElementAt(_random.Next(_broken.Count)));
                    await RunAsync(_random.Next(1, 40));
                    break;
            }
        }

        /// <summary>Every fault is lifted and everything replayed, so that nothing is left in the ledger.</summary>
        public async Task HealAsync()
        {
            _broken.Clear();
            _flaky.Clear();
            await RunAsync(int.MaxValue);
            for (var round = 1; round <= 5; round++)
            {
                foreach (var service in Services)
                    await TryAsync(new DeadLetterFilter { Consumer = $"bookings/{service}" });
                await RunAsync(int.MaxValue);
            }
        }

        public async Task CheckAsync()
        {
            var handled = 0;
            foreach (var ((service, subject), last) in _delivered)
            {
                var expected = Enumerable.Range(1, (int)last).Select(i => (long)i)
                    .Except(_discarded.GetValueOrDefault((service, subject)) ?? []).ToList();
                Assert.Equal(expected, await _rig.SeenAsync(subject, service));
                handled += expected.Count;
            }

            foreach (var service in Services)
            {
                var status = await ContainerStatusReader.ReadAsync(_rig.Process.Store(service), TimeProvider.System, default);
                Assert.Equal((0, 0), (status.OpenDeadLetters, status.BlockedSubjects));
            }

            Assert.True(handled > 400 && _replays.Count > 20 && _discarded.Count > 0, Invariant($"{handled} handled, {_replays.Count} replays, {_discarded.Count} discards"));
            foreach (var replay in _replays)
                Assert.Contains((await _rig.ViewAsync(replay)).Status, new[] { ReplayStatus.Completed, ReplayStatus.Failed, ReplayStatus.Stopped });
        }

        public ValueTask DisposeAsync() => _rig.DisposeAsync();

        /// <summary>The handler's own look at order and once, at every handling.</summary>
        private void Handle(string consumer, ReplayRig.Seen? seen, HandlerContext context)
        {
            var sequence = context.Sequence!.Value;
            var before = seen is { Sequences: { Count: > 0 } handled } ? handled[^1] : 0;
            var skipped = _discarded.GetValueOrDefault((consumer.Split('/')[1], context.Partition)) ?? [];
            for (var missing = before + 1; missing < sequence; missing++)
                Assert.True(skipped.Contains(missing), Invariant($"{context.Partition} at {consumer}: {sequence} came after {before}"));
            Assert.True(sequence > before, Invariant($"{context.Partition} at {consumer}: {sequence} was handled after {before}"));
            if (_broken.Contains((consumer, context.Partition, sequence)))
                throw new PermanentFailureException("Broken.");
            if (_flaky.TryGetValue((consumer, context.Partition, sequence), out var times))
            {
                if (times == 1)
                    _flaky.Remove((consumer, context.Partition, sequence));
                else
                    _flaky[(consumer, context.Partition, sequence)] = times - 1;
                throw new TimeoutException("Flaky.");
            }
        }

        private async Task DeliverAsync(string service, ReceivedMessage delivery)
        {
            var settlement = await _rig.HandleAsync(delivery, $"bookings/{service}");
            Assert.Contains(settlement.Kind, new[] { SettlementKind.Complete, SettlementKind.DeadLetter });
        }

        private async Task ChangeAsync(string service, Func<CosmosPartitionStore, DeadLetter, Task> change)
        {
            var entries = await Invariants.AllAsync(_rig.Process.Container(service), RecordKinds.DeadLetter);
            var open = entries.Where(e => e.GetProperty("open").GetBoolean() && e.GetProperty("inOrder").GetBoolean()).ToList();
            if (open.Count > 0)
                await change(_rig.Process.Store(service), open[_random.Next(open.Count)].Deserialize(DeadLetterJson.Default.DeadLetter)!);
        }

        private async Task EditAsync(CosmosPartitionStore store, DeadLetter entry)
        {
            var patch = JsonSerializer.SerializeToElement(new[] { new { op = "replace", path = "/total", value = _random.Next(1, 100) } });
            var editing = MessageEdit.Create(patch, null, "w", "ann", null, out _)!;
            var result = await _rig.Process.Services.GetRequiredService<DeadLetterEditor>().EditAsync(store, entry.Partition, entry.Id, editing, default);
            Assert.Contains(result.Outcome, new[] { EditOutcome.Edited, EditOutcome.AlreadyEdited, EditOutcome.Conflict });
            if (result.Outcome == EditOutcome.Edited)
                _broken.Remove((entry.Consumer.Value, entry.Partition.Value, entry.Sequence!.Value));
        }

        private async Task DiscardAsync(CosmosPartitionStore store, DeadLetter entry)
        {
            var discards = _rig.Process.Services.GetRequiredService<DeadLetterDiscarder>();
            if (await discards.DiscardAsync(store, entry.Partition, entry.Id, new DiscardReason("Not ours.", "ann"), default) != DiscardOutcome.Discarded)
                return;
            var key = (entry.Consumer.Value.Split('/')[1], entry.Partition.Value);
            if (!_discarded.TryGetValue(key, out var sequences))
                _discarded.Add(key, sequences = []);
            sequences.Add(entry.Sequence!.Value);
        }

        private async Task ReplayAsync()
        {
            await TryAsync(_random.Next(3) switch
            {
                0 => new DeadLetterFilter { Partition = Invariant($"b-{_random.Next(Subjects)}") },
                1 => new DeadLetterFilter { Consumer = $"bookings/{Services[_random.Next(Services.Length)]}" },
                _ => new DeadLetterFilter { Reason = DeadLetterReasons.HandlerFailed },
            });
            await RunAsync(_random.Next(0, 60));
            if (_replays.Count > 0 && _random.Next(6) == 0)
                await StopAsync(_replays[_random.Next(_replays.Count)]);
        }

        private async Task TryAsync(DeadLetterFilter selection)
        {
            // Refused if nothing of it is blocked.
            if ((await _rig.TryPlanAsync(_random.Next(1, 200), _random.Next(4) == 0 ? 2 : 0, selection)).Value is { } plan
                && (await _rig.Replays.ApplyAsync(plan.ReplayId, default)).Value is not null)
            {
                _replays.Add(plan.ReplayId);
            }
        }

        /// <summary>Refused if it is over.</summary>
        private Task StopAsync(string replay) => _rig.Replays.StopAsync(replay, "ann", null, default);

        private async Task RunAsync(int steps) => await _rig.RunAsync(() => Task.FromResult(steps-- <= 0));
    }
}
