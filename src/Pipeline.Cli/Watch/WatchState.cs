using Pipeline.Cli.Http;

namespace Pipeline.Cli.Watch;

/// <summary>What was seen since watching began. There are as many entries as there are consumers.</summary>
internal sealed class WatchState
{
    private readonly SortedDictionary<(string, string), WatchedConsumer> consumers = new(Comparer<(string, string)>.Create((one, other) =>
        string.CompareOrdinal(one.Item1, other.Item1) is not 0 and var order ? order : string.CompareOrdinal(one.Item2, other.Item2)));

    public IReadOnlyCollection<WatchedConsumer> Consumers => consumers.Values;

    public IReadOnlyList<ContainerStatus> Containers { get; private set; } = [];

    /// <summary>What waits in the broker; <see langword="null"/> if the pipeline does not tell.</summary>
    public BrokerStatus? Broker { get; private set; }

    /// <summary>The queues in which something waits, or that are not seen.</summary>
    public IEnumerable<QueueStatus> Queues => (Broker?.Queues ?? []).Where(queue => !queue.IsEmpty);

    /// <summary>Where the next look goes on.</summary>
    public string? Continuation { get; private set; }

    /// <summary>Until when all is seen, by the pipeline's clock.</summary>
    public DateTimeOffset? At { get; private set; }

    /// <summary>Why the last look failed; <see langword="null"/> if it did not.</summary>
    public string? Failure { get; private set; }

    /// <summary>Adds what one look saw.</summary>
    /// <param name="pages">The answers that belong together, at least one.</param>
    /// <param name="status">What waits.</param>
    public void See(IReadOnlyList<Activity> pages, PipelineStatus status)
    {
        var last = pages[^1];
        var seconds = (last.To - pages[0].From).TotalSeconds;
        var seen = pages.SelectMany(page => page.Consumers ?? []).ToLookup(activity => (activity.Container, activity.Consumer));
        foreach (var group in seen)
        {
            if (!consumers.ContainsKey(group.Key))
                consumers.Add(group.Key, new WatchedConsumer(group.Key.Container, group.Key.Consumer));
        }

        foreach (var (key, consumer) in consumers)
            consumer.See([.. seen[key]], seconds);

        (Continuation, At, Failure) = (last.Continuation, last.To, null);
        Containers = status.Containers ?? [];
        Broker = status.Broker;
    }

    /// <summary>Notes that a look failed; what was seen before stays.</summary>
    public void Fail(string reason)
    {
        Failure = reason;
        foreach (var consumer in consumers.Values)
            consumer.Lose();
    }

    public WatchLook ToLook() => new(At, Failure, Consumers, Containers, Broker);
}
