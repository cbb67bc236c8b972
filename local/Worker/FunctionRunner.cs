using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Worker;

/// <summary>Runs invocations: a service scope, a new instance of the function's class, the middleware, the method.</summary>
internal sealed class FunctionRunner
{
    private static readonly ActivitySource _source = new("Microsoft.Azure.Functions.Worker");

    private readonly IServiceScopeFactory _scopes;
    private readonly FunctionExecutionDelegate _pipeline;
    private readonly TimeProvider _time;
    private readonly Shutdown _shutdown;
    private readonly Random _random = new();
    private readonly ILogger _log;

    public FunctionRunner(
        IServiceScopeFactory scopes,
        MiddlewareList middleware,
        TimeProvider time,
        Shutdown shutdown,
        ILogger<FunctionRunner> log)
    {
        _scopes = scopes;
        _pipeline = middleware.Compose(InvokeAsync);
        _time = time;
        _shutdown = shutdown;
        _log = log;
    }

    /// <summary>Told what runs; <see langword="null"/>: nobody watches.</summary>
    public HostWatch? Watcher { get; init; }

    /// <summary>How long an invocation may take; <see langword="null"/>: without a limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Waits until functions can be run, which takes none of their time; <see langword="null"/>: they always can.</summary>
    public Func<CancellationToken, Task>? ReadyAsync { get; set; }

    /// <summary>Told of a function that has taken too long, after its token was set; <see langword="null"/>: nobody is.</summary>
    public Action<HostedFunction>? TimedOut { get; set; }

    /// <summary>Name of the host, for those who watch several.</summary>
    public string HostName { get; set; } = "";

    /// <summary>Runs once. What the function throws is logged and thrown on.</summary>
    /// <param name="invocation">What to run.</param>
    /// <param name="useResult">Called with the result inside the invocation's scope.</param>
    public Task RunAsync(Invocation invocation, Func<object?, Task>? useResult = null) =>
        Watcher?.Activity is null ? RunOnceAsync(invocation, useResult) : RunWatchedAsync(Watcher, invocation, useResult);

    // Not in the method above, where its closure would cost every invocation of those whom nobody watches.
    private Task RunWatchedAsync(HostWatch watch, Invocation invocation, Func<object?, Task>? useResult) =>
        WatchedRun.RunAsync(watch, invocation, () => RunOnceAsync(invocation, useResult), HostName);

    private async Task RunOnceAsync(Invocation invocation, Func<object?, Task>? useResult)
    {
        using var ends = invocation;
        await using var scope = _scopes.CreateAsyncScope();
        invocation.InstanceServices = scope.ServiceProvider;

        // In Azure the host always hands a trace context over; over HTTP the server has made it already.
        using var activity = StartActivity(invocation);
        try
        {
            if (ReadyAsync is { } readyAsync)
                await readyAsync(invocation.CancellationToken);
            if (Watcher?.Activity?.OnInvoking is { } hook)
                await hook(invocation);
            var running = WithinTimeoutAsync(_pipeline(invocation), invocation);
            Work.Current?.Started();
            await running;
            if (useResult is not null)
                await useResult(invocation.Result);
        }
        catch (OperationCanceledException) when (invocation.CancellationToken.IsCancellationRequested)
        {
            _log.LogInformation("{Function} was cancelled.", invocation.Function.Name);
            throw;
        }
        catch (Exception error)
        {
            activity?.SetStatus(ActivityStatusCode.Error, error.Message);
            _log.LogError(error, "{Function} failed (invocation {InvocationId}).", invocation.Function.Name, invocation.InvocationId);
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
        HostedFunction function, Func<RetryContext?, Invocation> invocation, CancellationToken cancellation, Work? work = null)
    {
        for (var retry = 0; ; retry++)
        {
            try
            {
                var attempt = retry == 0 ? null : new RetryAttempt(retry, function.Retry!.MaxRetryCount);
                await RunAsync(Create(function, invocation, attempt));
                return true;
            }
            catch (Exception) when (!cancellation.IsCancellationRequested && !_shutdown.Stopping.IsCancellationRequested)
            {
                if (function.Retry?.Allows(retry + 1) != true)
                    return false;
            }
            catch (Exception error)
            {
                throw new OperationCanceledException($"{function.Name} failed while being stopped; it will run again.", error);
            }

            var delay = function.Retry.DelayBefore(retry + 1, _random);
            _log.LogWarning("{Function} runs again in {Delay}, retry {Retry}.", function.Name, delay, retry + 1);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _shutdown.Stopping);
            using var waiting = work?.WaitFor(
                new Wait(WaitKind.Time, string.Create(CultureInfo.InvariantCulture, $"waits for retry {retry + 1}"), _time.GetUtcNow() + delay));
            await Task.Delay(delay, _time, either.Token);
        }
    }

    private Invocation Create(HostedFunction function, Func<RetryContext?, Invocation> invocation, RetryContext? attempt)
    {
        try
        {
            return invocation(attempt);
        }
        catch (Exception error)
        {
            _log.LogError(error, "{Function} could not be given its input.", function.Name);
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
            await running.WaitAsync(timeout, _time);
        }
        catch (TimeoutException error) when (!running.IsCompleted)
        {
            _ = running.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            await invocation.CancelAsync();
            TimedOut?.Invoke(invocation.Function);
            throw new TimeoutException(
                $"{invocation.Function.Name} took longer than {timeout} (functionTimeout of host.json) and counts as failed. In Azure the worker process is restarted, and whatever else runs in it fails too.",
                error);
        }
    }

    private static Activity? StartActivity(Invocation invocation)
    {
        if (Activity.Current is not null)
            return null;
        return _source.StartActivity(invocation.Function.Name) ?? new Activity(invocation.Function.Name).Start();
    }

    private static Task InvokeAsync(FunctionContext context)
    {
        if (context is not Invocation invocation)
            throw new InvalidOperationException("Middleware must pass on the FunctionContext that it was given.");
        var function = invocation.Function;
        return function.Call(invocation, function.CreateInstance?.Invoke(invocation.InstanceServices));
    }
}

/// <summary>The steps around every invocation, outermost first.</summary>
internal sealed class MiddlewareList(IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> steps)
{
    public FunctionExecutionDelegate Compose(FunctionExecutionDelegate last) =>
        steps.Reverse().Aggregate(last, (next, step) => step(next));
}
