using Pipeline.Client;

namespace Pipeline.Cli.Watch;

/// <summary>The state since watching began, with one entry per consumer.</summary>
internal sealed class WatchState
{
    private readonly SortedDictionary<(string, string), WatchedConsumer> consumers = new(Comparer<(string, string)>.Create((one, other) =>
        string.CompareOrdinal(one.Item1, other.Item1) is not 0 and var order ? order : string.CompareOrdinal(one.Item2, other.Item2)));

    public IReadOnlyCollection<WatchedConsumer> Consumers => consumers.Values;

    public IReadOnlyList<ContainerStatus> Containers { get; private set; } = [];

    /// <summary>What waits in the broker; <see langword="null"/> if the pipeline does not report it.</summary>
    public BrokerStatus? Broker { get; private set; }

    /// <summary>Gets the queues with waiting messages, or with an error.</summary>
    public IEnumerable<QueueStatus> Queues => (Broker?.Queues ?? []).Where(queue => !BrokerText.IsEmpty(queue));

    /// <summary>Gets the position of the next request.</summary>
    public string? Continuation { get; private set; }

    /// <summary>Gets the end of the covered time, by the clock of the pipeline.</summary>
    public DateTimeOffset? At { get; private set; }

    /// <summary>Gets why the last request failed; <see langword="null"/> if it did not.</summary>
    public string? Failure { get; private set; }

    /// <summary>Adds the answers of one request.</summary>
    /// <param name="pages">The pages, at least one.</param>
    /// <param name="status">The status.</param>
    public void See(IReadOnlyList<ActivityReport> pages, PipelineStatus status)
    {
        var last = pages[^1];
        var seconds = (last.To - pages[0].From).TotalSeconds;
        var seen = pages.SelectMany(page => page.Consumers).ToLookup(activity => (activity.Container, activity.Consumer));
        foreach (var group in seen)
        {
            if (!consumers.ContainsKey(group.Key))
                consumers.Add(group.Key, new WatchedConsumer(group.Key.Container, group.Key.Consumer));
        }

        foreach (var (key, consumer) in consumers)
            consumer.See([.. seen[key]], seconds);

        (Continuation, At, Failure) = (last.Continuation, last.To, null);
        Containers = status.Containers;
        Broker = status.Broker;
    }

    /// <summary>Records a failed request and keeps the earlier state.</summary>
    public void Fail(string reason)
    {
        Failure = reason;
        foreach (var consumer in consumers.Values)
            consumer.Lose();
    }

    public WatchLook ToLook() => new(At, Failure, Consumers, Containers, Broker);
}
