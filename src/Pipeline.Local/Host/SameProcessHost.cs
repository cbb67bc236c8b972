using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Hosting;

/// <summary>The host of an app in the app's own process: starts before its <c>Main</c>, and ends with the process, whatever ends that.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Lives as long as the process, whose end it hears of.")]
internal sealed class SameProcessHost
{
    private static readonly TimeSpan _mainPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _registerInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _endPatience = Shutdown.Patience + TimeSpan.FromSeconds(10);

    private readonly string[] _args;
    private readonly AppFolder _app;
    private readonly FunctionsHost _host;
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource<(Uri Address, string WorkerId)> _reachable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mainEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _atOnce = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lazy<Task> _end;
    private List<PosixSignalRegistration> _signals = [];
    private Task _starting = Task.CompletedTask;
    private PosixSignalContext? _lastSignal;
    private int _asked;
    private volatile bool _hasFailed;

    /// <exception cref="StartupException">A setting is wrong, or a file is missing.</exception>
    public SameProcessHost(AppFolder app, string[] args)
    {
        _app = app;
        _args = args;
        _end = new Lazy<Task>(() => Task.Run(EndAsync));
        _host = AppHostComposition.Build(
            app,
            configuration => Settings.AddSources(configuration, args, app),
            services => server => new SameProcessWorker(app, server, ReachAsync, MainEndsAsync, services.GetRequiredService<ILoggerFactory>())
            {
                // Where the start has failed, the process ends with that for a reason, and Main is not to end it before.
                AsksToEnd = () => !_hasFailed,
            });
    }

    /// <summary>Returns when the app can connect. The rest of the start goes on beside <c>Main</c>.</summary>
    /// <exception cref="OperationCanceledException">The process was told to end.</exception>
    /// <exception cref="StartupException">The host cannot start.</exception>
    public void Start()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => OnExit();
        AppDomain.CurrentDomain.UnhandledException += (_, _) => OnCrash();
        ListenToSignals();
        _ending.Token.Register(() => _reachable.TrySetCanceled(_ending.Token));
        _starting = Task.Run(() => _host.StartAsync(_ending.Token));
        _ = ReportAsync();
        _ = StayFirstAsync();
        var (address, workerId) = _reachable.Task.GetAwaiter().GetResult();
        AppEnvironment.Set(_host.Services.GetRequiredService<IConfiguration>(), _args, _app, address, workerId);
    }

    private Task ReachAsync(Uri address, string workerId, CancellationToken cancellationToken)
    {
        _reachable.TrySetResult((address, workerId));
        return Task.CompletedTask;
    }

    /// <summary>
    /// The app's host listens to signals too, from some moment of its start on. Of all who do, the last to have come is called first, and the
    /// others after it has returned.
    /// </summary>
    private async Task StayFirstAsync()
    {
        while (!_starting.IsCompleted && !_ending.IsCancellationRequested)
        {
            await Task.Delay(_registerInterval, TimeProvider.System);
            ListenToSignals();
        }
    }

    private void ListenToSignals()
    {
        var before = _signals;
        _signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
        before.ForEach(registration => registration.Dispose());
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;

        // One signal may come twice, while this is registered anew.
        if (Interlocked.Exchange(ref _lastSignal, context) == context)
            return;
        if (Interlocked.Increment(ref _asked) > 1)
        {
            _atOnce.TrySetResult();
            Environment.Exit(128 + (context.Signal switch { PosixSignal.SIGINT => 2, PosixSignal.SIGQUIT => 3, _ => 15 }));
        }

        _end.Value.Wait();
        if (_mainEnded.Task.Wait(_mainPatience))
            return;
        HostConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"warning: The app was asked to end and has not, for {_mainPatience.TotalSeconds:0} seconds: its process ends."));
        Environment.Exit(1);
    }

    /// <summary>Main has ended, by itself or because it was asked to.</summary>
    private void OnExit()
    {
        _mainEnded.TrySetResult();
        if (!_atOnce.Task.IsCompleted)
            Task.WaitAny([_end.Value, _atOnce.Task], _endPatience);
    }

    private void OnCrash()
    {
        OnExit();

        // An app that is told to end while it starts fails, which is nothing to be told of.
        if (Volatile.Read(ref _asked) > 0 && !_starting.IsCompletedSuccessfully)
            Environment.Exit(0);
    }

    /// <summary>Not to be waited for by the end: where the start fails, this brings it about.</summary>
    private async Task ReportAsync()
    {
        try
        {
            await _starting;
        }
        catch (Exception) when (_ending.IsCancellationRequested)
        {
            // It ends already.
        }
        catch (Exception error)
        {
            _hasFailed = true;
            if (!_reachable.TrySetException(error))
                HostBeforeMain.Fail(StartupException.MessageOf(error) ?? error.ToString());
        }
    }

    private async Task EndAsync()
    {
        // An app that is told to end while it starts would fail: it is let come up first.
        if (_reachable.Task.IsCompletedSuccessfully)
            await Task.WhenAny(_starting, _mainEnded.Task);
        await _ending.CancelAsync();
        try
        {
            await _starting;
            await _host.StopAsync();
        }
        catch (Exception error) when (_starting.IsFaulted || _starting.IsCanceled || error is OperationCanceledException)
        {
            // It had not started, which is reported, or has not stopped in time.
        }
        catch (Exception error)
        {
            // What can still be put away is.
            HostConsole.WriteLine($"warning: The host could not stop in order: {error.GetType().Name}: {error.Message}");
        }

        await _host.DisposeAsync();
    }

    /// <summary>After the app was asked to end.</summary>
    private async ValueTask MainEndsAsync() => await Task.WhenAny(_mainEnded.Task, Task.Delay(_mainPatience, TimeProvider.System));
}
