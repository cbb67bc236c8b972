using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Hosting;

/// <summary>Runs invocations: hands them to the app's worker, and waits for their ends.</summary>
internal sealed class FunctionRunner(TimeProvider time, Shutdown shutdown, HostWatch watch, ILogger<FunctionRunner> log)
{
    private readonly Random _random = new();

    /// <summary>How long an invocation may take; <see langword="null"/>: without a limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Calls the functions. Set when the app has started.</summary>
    public WorkerCalls Calls { get => field ?? throw new InvalidOperationException("The app has not been started."); set; }

    /// <summary>Name of the host, for those who watch several.</summary>
    public string HostName { get; set; } = "";

    /// <summary>Runs once. What the function throws is logged and thrown on.</summary>
    public Task RunAsync(Invocation invocation) =>
        watch.Activity is null ? RunOnceAsync(invocation) : WatchedRun.RunAsync(watch, invocation, () => RunOnceAsync(invocation), HostName);

    private async Task RunOnceAsync(Invocation invocation)
    {
        using var ends = invocation;

        // The worker is always handed a trace context; over HTTP the server may have made it already.
        using var activity = StartActivity(invocation);
        try
        {
            var worker = await Calls.ReadyAsync(invocation.CancellationToken);
            var running = WithinTimeoutAsync(Calls.RunAsync(worker, invocation), invocation);
            invocation.Work?.Started();
            await running;
        }
        catch (OperationCanceledException) when (invocation.CancellationToken.IsCancellationRequested)
        {
            log.LogInformation("{Function} was cancelled.", invocation.Function.Name);
            throw;
        }
        catch (BadHttpRequestException error)
        {
            log.LogInformation("{Function} was not given its request: {Problem}", invocation.Function.Name, error.Message);
            throw;
        }
        catch (Exception error)
        {
            activity?.SetStatus(ActivityStatusCode.Error, error.Message);
            log.LogError(invocation.CauseOf(error), "{Function} failed (invocation {InvocationId}).", invocation.Function.Name, invocation.InvocationId);
            throw;
        }
    }

    /// <summary>
    /// Runs until it succeeds or the function's retry policy is used up, in place: nothing else of the same source runs
    /// meanwhile. Returns whether it succeeded.
    /// </summary>
    /// <param name="function">What to run.</param>
    /// <param name="invocation">Makes the invocation of one attempt; may throw, which counts as a failed attempt.</param>
    /// <param name="cancellation">Set when the source is lost.</param>
    /// <param name="work">What it is a part of; waits between attempts.</param>
    /// <exception cref="OperationCanceledException">The source is lost, or the host is stopping: the outcome must not count.</exception>
    public async Task<bool> RunWithRetriesAsync(
        HostedFunction function, Func<RetryAttempt?, Invocation> invocation, CancellationToken cancellation, Work? work = null)
    {
        for (var retry = 0; ; retry++)
        {
            try
            {
                var attempt = retry == 0 ? null : new RetryAttempt(retry, function.Retry!.MaxRetryCount);
                await RunAsync(Create(function, invocation, attempt));
                return true;
            }
            catch (Exception) when (!cancellation.IsCancellationRequested && !shutdown.Stopping.IsCancellationRequested)
            {
                if (function.Retry?.Allows(retry + 1) != true)
                    return false;
            }
            catch (Exception error)
            {
                throw new OperationCanceledException($"{function.Name} failed while being stopped; it will run again.", error);
            }

            var delay = function.Retry.DelayBefore(retry + 1, _random);
            log.LogWarning("{Function} runs again in {Delay}, retry {Retry}.", function.Name, delay, retry + 1);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, shutdown.Stopping);
            using var waiting = work?.WaitFor(
                new Wait(WaitKind.Time, string.Create(CultureInfo.InvariantCulture, $"waits for retry {retry + 1}"), time.GetUtcNow() + delay));
            await Task.Delay(delay, time, either.Token);
        }
    }

    private Invocation Create(HostedFunction function, Func<RetryAttempt?, Invocation> invocation, RetryAttempt? attempt)
    {
        try
        {
            return invocation(attempt);
        }
        catch (Exception error)
        {
            log.LogError(error, "{Function} could not be given its input.", function.Name);
            throw;
        }
    }

    /// <summary>
    /// Ends an invocation that takes too long: sets its token, and lets it fail without waiting for what it does then. The
    /// Azure host restarts the worker process as well, with all that runs in it.
    /// </summary>
    private Task WithinTimeoutAsync(Task running, Invocation invocation) =>
        running.IsCompleted || Timeout is not { } timeout ? running : EndAfterAsync(timeout, running, invocation);

    private async Task EndAfterAsync(TimeSpan timeout, Task running, Invocation invocation)
    {
        try
        {
            await running.WaitAsync(timeout, time);
        }
        catch (TimeoutException error) when (!running.IsCompleted)
        {
            _ = running.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            await invocation.CancelAsync();
            Calls.TimedOut(invocation.Function);
            throw new TimeoutException(
                $"{invocation.Function.Name} took longer than {timeout} (functionTimeout of host.json) and counts as failed. In Azure the worker process is restarted, and whatever else runs in it fails too.",
                error);
        }
    }

    /// <summary>Locally every trace is sampled, unless a caller says otherwise.</summary>
    private static Activity? StartActivity(Invocation invocation)
    {
        if (Activity.Current is not null)
            return null;
        var activity = new Activity(invocation.Function.Name) { ActivityTraceFlags = ActivityTraceFlags.Recorded };
        if (invocation is HttpInvocation { HttpContext.Request.Headers: var headers }
            && ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var parent))
        {
            activity.SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
            activity.TraceStateString = parent.TraceState;
            activity.ActivityTraceFlags = parent.TraceFlags;
        }

        return activity.Start();
    }
}
