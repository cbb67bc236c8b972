using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Hosting;

/// <summary>
/// When the timers of an app last ran, over restarts; and who of its hosts runs each: one at a time. In Azure both are blobs.
/// </summary>
internal sealed class TimerMonitor
{
    private readonly string? _path;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TimerStatus> _statuses;
    private readonly Dictionary<string, Queue<TaskCompletionSource<bool>>> _turns = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="directory">Where <c>timers.json</c> is kept; <see langword="null"/>: in memory.</param>
    /// <param name="log">Told if a status cannot be written.</param>
    /// <exception cref="InvalidDataException">The file is damaged; the message says what to do.</exception>
    public TimerMonitor(string? directory, ILogger log)
    {
        _path = directory is null ? null : Path.Combine(directory, "timers.json");
        _log = log;
        _statuses = Read(_path);
    }

    /// <summary>What is known of a timer; <see langword="null"/>: nothing.</summary>
    public TimerStatus? StatusOf(string function)
    {
        lock (_gate)
            return _statuses.GetValueOrDefault(function);
    }

    /// <summary>Keeps what is known of a timer. A disk that does not take it costs one made-up run after a restart, so it is only told.</summary>
    public void Keep(string function, TimerStatus status)
    {
        lock (_gate)
        {
            _statuses[function] = status;
            if (_path is null)
                return;
            try
            {
                var temporary = _path + ".new";
                PrivateFiles.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(_statuses));
                File.Move(temporary, _path, overwrite: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                _log.LogWarning("The schedule status of {Function} could not be kept: {Problem}", function, error.Message);
            }
        }
    }

    /// <summary>Waits until no other host runs a timer. Disposing of the result gives it on.</summary>
    public async Task<IDisposable> AcquireAsync(string function, CancellationToken cancellationToken)
    {
        TaskCompletionSource<bool> turn;
        lock (_gate)
        {
            if (!_turns.TryGetValue(function, out var waiting))
            {
                _turns.Add(function, []);
                return new Turn(this, function);
            }

            waiting.Enqueue(turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        await using var registration = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
        await turn.Task;
        return new Turn(this, function);
    }

    private void GiveOn(string function)
    {
        lock (_gate)
        {
            var waiting = _turns[function];
            while (waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult(true))
                    return;
            }

            _turns.Remove(function);
        }
    }

    private static Dictionary<string, TimerStatus> Read(string? path)
    {
        var statuses = new Dictionary<string, TimerStatus>(StringComparer.OrdinalIgnoreCase);
        if (path is null || !File.Exists(path))
            return statuses;
        try
        {
            using var file = PrivateFiles.Open(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            foreach (var (name, status) in JsonSerializer.Deserialize<Dictionary<string, TimerStatus>>(file) ?? [])
                statuses[name] = status;
            return statuses;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is damaged: {error.Message} Delete it; timers then make up for no run that was missed.", error);
        }
    }

    private sealed class Turn(TimerMonitor monitor, string function) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
                monitor.GiveOn(function);
        }
    }
}
