
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

/// <summary>The readers of one change feed that share its leases.</summary>
internal sealed class FeedActivity(PlatformActivity activity, string function, string database, string container)
{
    private static readonly AsyncLocal<FeedActivity?> _current = new();

    /// <summary>The feed for which the running code reads.</summary>
    public static FeedActivity? Current
    {
        get => _current.Value;
        set => _current.Value = value;
    }

    public string Function => function;

    public string Database => database;

    public string Container => container;

    /// <summary>Hosts that read it.</summary>
    public int Readers { get; set; }

    /// <summary>Ranges whose reader has seen everything and waits for a change.</summary>
    public int Parked { get; private set; }

    /// <summary>Whether it begins with what is written once it is read, rather than with what is there.</summary>
    public bool IsFromNow { get; private set; }

    public string Description => $"{database}/{container}";

    public void ReadFromNow()
    {
        lock (activity.Gate)
            IsFromNow = true;
    }

    public void Park() => Add(1);

    public void Unpark() => Add(-1);

    /// <summary>A host reads it no longer.</summary>
    public void Leave()
    {
        lock (activity.Gate)
        {
            Readers--;
            activity.Changed();
        }
    }

    private void Add(int count)
    {
        lock (activity.Gate)
        {
            Parked += count;
            activity.Changed();
        }
    }
}
