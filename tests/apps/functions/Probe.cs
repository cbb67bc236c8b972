using System.Text.Json;

namespace Pipeline.TestFunctions;

/// <summary>Where the functions of a test write down what happened, and look up what to do.</summary>
public sealed class Probe
{
    private readonly List<string> _seen = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Asked by a function after it wrote a line down.</summary>
    public Func<string, Task> OnSeen { get; set; } = _ => Task.CompletedTask;

    public IReadOnlyList<string> Seen
    {
        get
        {
            lock (_lock)
                return [.. _seen];
        }
    }

    public Task SeeAsync(string line)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _seen.Add(line);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
        return OnSeen(line);
    }

    /// <summary>Waits until this many lines are written down, or until they satisfy a condition.</summary>
    public Task<IReadOnlyList<string>> WaitAsync(int count) => WaitAsync(seen => seen.Count >= count);

    public async Task<IReadOnlyList<string>> WaitAsync(Func<IReadOnlyList<string>, bool> condition)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            Task changed;
            IReadOnlyList<string> seen;
            lock (_lock)
            {
                changed = _changed.Task;
                seen = [.. _seen];
            }

            if (condition(seen))
                return seen;
            try
            {
                await changed.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException error)
            {
                throw new TimeoutException($"Still waiting; seen: {JsonSerializer.Serialize(seen)}", error);
            }
        }
    }
}
