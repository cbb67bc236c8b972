using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Local.ServiceBus;

/// <content>Messages that come twice, as Azure may have them come at any time.</content>
internal sealed partial class Broker
{
    private readonly Dictionary<(BrokerQueue Queue, string? SessionId), List<LateDuplicate>> _lateDuplicates = [];
    private Random? _duplicates;

    /// <summary>Share of messages that are enqueued twice; see <see cref="DuplicateMessages"/>.</summary>
    public double DuplicateProbability { get; private set; }

    /// <summary>
    /// Has a share of messages enqueued a second time, with the same MessageId, past duplicate detection: right behind
    /// the first, or up to three messages of its session later, or when its session is otherwise drained. A second copy
    /// that has not been enqueued yet is lost when the broker closes.
    /// </summary>
    /// <param name="probability">From 0 (default) to 1.</param>
    /// <param name="random">Decides, under the broker's lock; seeded, the same sends get the same duplicates.</param>
    public void DuplicateMessages(double probability, Random random)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(probability, 1);
        using var held = Enter(out _);
        DuplicateProbability = probability;
        _duplicates = random;
    }

    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "Reproducible faults for tests.")]
    private void PlanDuplicates(int first)
    {
        if (_duplicates is null || DuplicateProbability == 0)
            return;
        var end = _copies.Count;
        for (var i = first; i < end; i++)
        {
            var (queue, message) = _copies[i];
            if (queue.DeadLetters is null || _duplicates.NextDouble() >= DuplicateProbability)
                continue;
            var later = _duplicates.Next(4);
            if (later == 0)
            {
                _copies.Add(new Copy(queue, message.Twin(queue.NextSequenceNumber++)));
                continue;
            }

            var key = (queue, queue.RequiresSession ? message.Stored.SessionId : null);
            if (!_lateDuplicates.TryGetValue(key, out var late))
                _lateDuplicates.Add(key, late = []);
            late.Add(new LateDuplicate(message) { MessagesToGo = later + 1 });
        }
    }

    private void PlanLateDuplicates(int first, int count)
    {
        for (var i = first; i < first + count && _lateDuplicates.Count > 0; i++)
        {
            var (queue, message) = _copies[i];
            var key = (queue, queue.RequiresSession ? message.Stored.SessionId : null);
            if (!_lateDuplicates.TryGetValue(key, out var late))
                continue;
            foreach (var duplicate in late)
            {
                if (--duplicate.MessagesToGo <= 0)
                    _copies.Add(new Copy(queue, duplicate.Of.Twin(queue.NextSequenceNumber++)));
            }

            late.RemoveAll(duplicate => duplicate.MessagesToGo <= 0);
            if (late.Count == 0)
                _lateDuplicates.Remove(key);
        }
    }

    private void EnqueueLateDuplicates(BrokerQueue queue, BrokerSession? session)
    {
        if (!_lateDuplicates.Remove((queue, session?.Id), out var late))
            return;
        Begin();
        foreach (var duplicate in late)
            _copies.Add(new Copy(queue, duplicate.Of.Twin(queue.NextSequenceNumber++)));
        Enqueue(Commit(queue));
    }

    /// <summary>A second copy that is still to be enqueued.</summary>
    private sealed class LateDuplicate(BrokerMessage of)
    {
        public BrokerMessage Of => of;
        public int MessagesToGo { get; set; }
    }
}
