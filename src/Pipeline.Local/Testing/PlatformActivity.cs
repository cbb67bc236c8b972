
namespace Pipeline.Local.Testing;

/// <summary>What all hosts on a watched platform do right now, and what they did. Nothing of this exists where nobody watches.</summary>
internal sealed class PlatformActivity(TimeProvider time)
{
    private const int MaxInvocations = 100_000;

    private readonly HashSet<Work> _works = [];
    private readonly Dictionary<string, FeedActivity> _feeds = new(StringComparer.Ordinal);
    private readonly Queue<FunctionInvocation> _invocations = [];
    private TaskCompletionSource _changed = New();
    private long _version;

    /// <summary>Guards everything here.</summary>
    public Lock Gate { get; } = new();

    public TimeProvider Time => time;

    /// <summary>Counts changes: the same twice means that nothing has moved between.</summary>
    public long Version
    {
        get
        {
            lock (Gate)
                return _version;
        }
    }

    /// <summary>Called before every invocation, outside all middleware; what it throws is what the function throws.</summary>
    public Func<Microsoft.Azure.Functions.Worker.FunctionContext, Task>? OnInvoking { get; set; }

    /// <summary>Work that is no part of other work has begun.</summary>
    public void Add(Work work)
    {
        lock (Gate)
        {
            _works.Add(work);
            Changed();
        }
    }

    /// <summary>Something moved. Under <see cref="Gate"/> or not.</summary>
    public void Changed()
    {
        lock (Gate)
        {
            _version++;
            if (_changed.Task.IsCompleted)
                return;
            _changed.TrySetResult();
        }
    }

    public void Remove(Work work)
    {
        _works.Remove(work);
        Changed();
    }

    /// <summary>Ends with the next change after <paramref name="version"/>.</summary>
    public Task ChangeAfter(long version)
    {
        lock (Gate)
        {
            if (_version != version)
                return Task.CompletedTask;
            if (_changed.Task.IsCompleted)
                _changed = New();
            return _changed.Task;
        }
    }

    /// <summary>Works and feeds at one moment.</summary>
    public (IReadOnlyList<(Work Work, Wait? State)> Works, IReadOnlyList<(FeedActivity Feed, int Parked)> Feeds) Snapshot()
    {
        var now = time.GetUtcNow();
        lock (Gate)
            return ([.. _works.Select(work => (work, work.StateAt(now)))], [.. _feeds.Values.Where(f => f.Readers > 0).Select(f => (f, f.Parked))]);
    }

    /// <summary>A function that begins to read a feed, with others or alone.</summary>
    public FeedActivity JoinFeed(string function, string database, string container, string leases)
    {
        lock (Gate)
        {
            var key = $"{database}/{container} {leases}";
            if (!_feeds.TryGetValue(key, out var feed))
                _feeds.Add(key, feed = new FeedActivity(this, function, database, container));
            feed.Readers++;
            Changed();
            return feed;
        }
    }

    /// <summary>Notes an invocation that has ended. The oldest are forgotten beyond a hundred thousand.</summary>
    public void Ended(FunctionInvocation invocation)
    {
        lock (Gate)
        {
            _invocations.Enqueue(invocation);
            if (_invocations.Count > MaxInvocations)
                _invocations.Dequeue();
            Changed();
        }
    }

    /// <summary>What has ended, in the order of the ends.</summary>
    public IReadOnlyList<FunctionInvocation> Invocations()
    {
        lock (Gate)
            return [.. _invocations];
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
