namespace Pipeline.Local.ServiceBus;

/// <summary>
/// A call that waits. It leaves its list and ends under the broker's lock, so that what it is given cannot be lost to a
/// timeout or cancellation that comes at the same moment.
/// </summary>
internal abstract class Waiter<T> : BrokerDueItem
{
    // Continuations must not run under the broker's lock.
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _result.Task;

    /// <summary>Whether it is not a host of functions that waits.</summary>
    public bool IsRemote { get; init; }

    /// <summary>Whether it still waits.</summary>
    public bool Waits => !_result.Task.IsCompleted;

    public void Give(T result) => _result.TrySetResult(result);

    public void Fail(Exception error) => _result.TrySetException(error);

    public void Cancel(CancellationToken cancellationToken) => _result.TrySetCanceled(cancellationToken);

    /// <summary>Leaves the list that it waits in.</summary>
    public abstract void Leave();

    public override void Fire(Broker broker, DateTimeOffset now)
    {
        Leave();
        TimeOut();
    }

    protected abstract void TimeOut();
}
