using System.Collections.Concurrent;
using Pipeline.Local.Hosting;

namespace Pipeline.Local.Testing;

/// <summary>What one host tells those who watch its platform. Does nothing where nobody does.</summary>
internal sealed class HostWatch(PlatformActivity? activity)
{
    private readonly HashSet<Work> _works = [];
    private readonly ConcurrentDictionary<string, Invocation> _running = new(StringComparer.Ordinal);

    /// <summary><see langword="null"/>: nobody watches.</summary>
    public PlatformActivity? Activity => activity;

    /// <summary>Whether the host has ended as by <c>kill -9</c>: nothing that it holds is given back, and what it still does does not count.</summary>
    public bool IsCrashed { get; private set; }

    /// <summary>Something begins that is no part of other work; <see langword="null"/> if nobody wants to know.</summary>
    public Work? Begin(string name, string what, FeedActivity? feed = null, bool isEventGridDelivery = false) =>
        activity is null ? null : Add(new Work(activity, name, what, null) { Feed = feed, IsEventGridDelivery = isEventGridDelivery });

    /// <summary>An invocation begins, as part of what runs it.</summary>
    public Work? BeginInvocation(Invocation invocation)
    {
        if (activity is null)
            return null;
        var work = Work.Current is { } parent ? new Work(activity, invocation.Function.Name, "runs", parent) { IsStarting = true } : Begin(invocation.Function.Name, "runs");
        invocation.Work = work;
        _running[invocation.InvocationId] = invocation;
        return work;
    }

    /// <summary>An invocation has ended.</summary>
    public void EndInvocation(Invocation invocation) => _running.TryRemove(invocation.InvocationId, out _);

    /// <summary>The running invocation of an id, by which the app knows it; <see langword="null"/>: there is none.</summary>
    public Invocation? Find(string invocationId) => _running.GetValueOrDefault(invocationId);

    /// <summary>Work has ended. Under <see cref="PlatformActivity.Gate"/>.</summary>
    public void Ended(Work work) => _works.Remove(work);

    public void Crash()
    {
        IsCrashed = true;
        if (activity is null)
            return;
        lock (activity.Gate)
        {
            foreach (var work in _works.ToList())
                work.Dispose();
        }
    }

    private Work? Add(Work work)
    {
        lock (activity!.Gate)
        {
            if (IsCrashed)
                return null;
            _works.Add(work);
            work.Host = this;
            activity.Add(work);
            return work;
        }
    }
}
