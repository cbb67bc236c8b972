namespace Pipeline.Local.Hosting;

/// <summary>Counts what runs, to wait for its end.</summary>
internal sealed class InFlight
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One more than what runs, until draining begins.
    private int _count = 1;

    public void Enter() => Interlocked.Increment(ref _count);

    public void Leave()
    {
        if (Interlocked.Decrement(ref _count) == 0)
            _drained.TrySetResult();
    }

    /// <summary>Ends when nothing runs any more. To be called once, after the last <see cref="Enter"/>.</summary>
    public Task DrainAsync()
    {
        Leave();
        return _drained.Task;
    }
}
