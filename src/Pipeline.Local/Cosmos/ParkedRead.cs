using Pipeline.Local.Testing;

namespace Pipeline.Local.Cosmos;

/// <summary>A reader of a change feed that has seen everything, and goes on with the container's next change.</summary>
internal sealed class ParkedRead(FeedActivity feed)
{
    private readonly TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the next change.</summary>
    public Task Changed => _changed.Task;

    public void Park() => feed.Park();

    public void Wake()
    {
        feed.Unpark();
        _changed.TrySetResult();
    }
}
