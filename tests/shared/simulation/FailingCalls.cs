using Pipeline.Failures;

namespace Pipeline.Tests;

/// <summary>A gateway that refuses to work until the fault is lifted, for all subjects or for some: what has nothing to do with the gateway.</summary>
internal abstract class FailingCalls(bool failing, Func<string, bool>? which)
{
    private volatile bool _failing = failing;

    /// <summary>Whether the failure is thrown as permanent (given up at once) or as one that may pass.</summary>
    public bool IsPermanent { get; set; } = true;

    /// <summary>Runs in every call, before anything else.</summary>
    public Func<Task>? OnCall { get; set; }

    public int Calls { get; private set; }

    public void Lift() => _failing = false;

    public void Break() => _failing = true;

    protected async Task ThrowIfFailingAsync(string subject)
    {
        Calls++;
        if (OnCall is { } onCall)
            await onCall();
        if (_failing && (which is null || which(subject)))
            throw IsPermanent ? new PermanentFailureException("The gateway is broken.") : new TimeoutException("The gateway does not answer.");
    }
}
