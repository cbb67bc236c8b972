using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Testing;

/// <summary>The log lines of all hosts: the last ones, and to somebody's sink.</summary>
internal sealed class HostLog(Action<string>? sink, LogLevel least) : ILoggerProvider
{
    private const int MaxLines = 100_000;

    private readonly Queue<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
        // Shared by all hosts, each of which disposes of it.
    }

    private void Write(string line)
    {
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
                _lines.Dequeue();
        }

        try
        {
            sink?.Invoke(line);
        }
        catch (InvalidOperationException)
        {
            // xunit's output refuses lines when its test has ended; what still stops then is nobody's concern.
        }
    }

    private sealed class Logger(HostLog owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= owner.Least && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                owner.Write($"{logLevel}: {formatter(state, exception)}{(exception is null ? "" : "\n" + exception)}");
        }
    }

    private LogLevel Least => least;
}
