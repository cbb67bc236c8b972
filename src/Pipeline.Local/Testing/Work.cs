namespace Pipeline.Local.Testing;

/// <summary>
/// Something that hosts do: a loop that receives, a request, an invocation. It is busy unless it says that it waits, or
/// everything that runs within it does. Known only on a platform that is watched; see <see cref="PlatformActivity"/>.
/// </summary>
internal sealed class Work : IDisposable
{
    private static readonly AsyncLocal<Work?> _current = new();

    private readonly PlatformActivity _activity;
    private readonly Work? _parent;
    private readonly HashSet<Work> _children = [];
    private readonly Dictionary<object, DateTimeOffset> _pauses = [];
    private Wait? _wait;
    private bool _ended;
    private int _starts;

    public Work(PlatformActivity activity, string name, string what, Work? parent)
    {
        _activity = activity;
        Name = name;
        What = what;
        _parent = parent;
        lock (activity.Gate)
        {
            parent?._children.Add(this);
            activity.Changed();
        }
    }

    /// <summary>What the running code is a part of.</summary>
    public static Work? Current
    {
        get => _current.Value;
        set => _current.Value = value;
    }

    /// <summary>The function.</summary>
    public string Name { get; }

    /// <summary>What it does, for people: "runs", "receives from ordering/shipping".</summary>
    public string What { get; }

    /// <summary>Whether it is a request by which Event Grid delivers.</summary>
    public bool IsEventGridDelivery { get; init; }

    /// <summary>The host that does it; <see langword="null"/>: a test.</summary>
    public HostWatch? Host { get; set; }

    /// <summary>Whether it is busy whatever it says, until <see cref="Started"/> was called by host and app.</summary>
    public bool IsStarting
    {
        get => _starts > 0;
        init => _starts = value ? 2 : 0;
    }

    /// <summary>The feed whose changes it handles.</summary>
    public FeedActivity? Feed { get; init; }

    /// <summary>Says that it waits, until the result is disposed of.</summary>
    public Waiting WaitFor(Wait wait)
    {
        lock (_activity.Gate)
        {
            _wait = wait;
            _activity.Changed();
        }

        return new Waiting(this);
    }

    /// <summary>Code in it awaits a delay on the platform's clock.</summary>
    public void Pause(object timer, DateTimeOffset until)
    {
        lock (_activity.Gate)
        {
            if (!_ended)
                _pauses[timer] = until;
            _activity.Changed();
        }
    }

    /// <summary>A delay is over.</summary>
    public void Resume(object timer)
    {
        lock (_activity.Gate)
        {
            if (_pauses.Remove(timer))
                _activity.Changed();
        }
    }

    public void Dispose()
    {
        lock (_activity.Gate)
        {
            if (_ended)
                return;
            _ended = true;
            _parent?._children.Remove(this);
            Host?.Ended(this);
            _activity.Remove(this);
        }
    }

    /// <summary>
    /// Called when the host has set an invocation's timeout, and when the function's code has come to its first await: after both it
    /// may count as waiting.
    /// </summary>
    public void Started()
    {
        lock (_activity.Gate)
        {
            _starts--;
            _activity.Changed();
        }
    }

    /// <summary>What it waits for; <see langword="null"/> while it is busy. Under <see cref="PlatformActivity.Gate"/>.</summary>
    public Wait? StateAt(DateTimeOffset now)
    {
        if (IsStarting)
            return null;
        if (_wait is { } wait)
            return wait.Until <= now ? null : wait;
        if (_pauses.Count > 0)
            return _pauses.Values.Min() is var until && until > now ? new Wait(WaitKind.Pause, "pauses within the function", until) : null;
        if (_children.Count == 0)
            return null;
        Wait? first = null;
        foreach (var child in _children)
        {
            if (child.StateAt(now) is not { } state)
                return null;
            first ??= state;
        }

        return first;
    }

    private void Continue()
    {
        lock (_activity.Gate)
        {
            _wait = null;
            _activity.Changed();
        }
    }

    /// <summary>Ends a wait.</summary>
    public readonly struct Waiting(Work? work) : IDisposable
    {
        public void Dispose() => work?.Continue();
    }
}
