
namespace Pipeline.Local.Testing;

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
