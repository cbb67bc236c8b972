using Pipeline.Local.Testing;

namespace Pipeline.Local.Hosting;

/// <summary>One run of a function.</summary>
/// <param name="function">What runs.</param>
/// <param name="cancellation">Set when the host gives up waiting, or when the trigger loses its source.</param>
internal abstract class Invocation(HostedFunction function, CancellationToken cancellation) : IDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _own;
    private bool _ended;

    public HostedFunction Function => function;

    // The one thing about an invocation that nothing determines: a second run of the same message is another invocation.
#pragma warning disable RS0030
    public string InvocationId { get; } = Guid.NewGuid().ToString();
#pragma warning restore RS0030

    /// <summary>What triggered it, in a few words.</summary>
    public abstract string Input { get; }

    /// <summary>Which retry it is; <see langword="null"/>: the first attempt.</summary>
    public RetryAttempt? Retry { get; init; }

    /// <summary>What the function threw, where it runs in this process and somebody watches.</summary>
    public Exception? Thrown { get; set; }

    /// <summary>What is to be told of a failure: what the function threw, unless the host had given it up before.</summary>
    public Exception CauseOf(Exception error) =>
        error is FunctionFailedException || error.InnerException is FunctionFailedException ? Thrown ?? error : error;

    /// <summary>What watches it; <see langword="null"/>: nobody does.</summary>
    public Work? Work { get; set; }

    /// <summary>Set when the host gives up waiting, when the trigger loses its source, or when the invocation has taken too long.</summary>
    public CancellationToken CancellationToken
    {
        get
        {
            lock (_gate)
                return _ended ? cancellation : (_own ??= CancellationTokenSource.CreateLinkedTokenSource(cancellation)).Token;
        }
    }

    /// <summary>Sets the token.</summary>
    public Task CancelAsync()
    {
        lock (_gate)
            return _own?.CancelAsync() ?? Task.CompletedTask;
    }

    /// <summary>The invocation has ended: its token is only the host's from now on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            _own?.Dispose();
        }
    }
}
