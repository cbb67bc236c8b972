using System.Collections.Concurrent;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Local.Hosting;

namespace Pipeline.Local.Testing;

/// <content>What functions did, and how to make them fail.</content>
public sealed partial class PipelineHost
{
    private readonly ConcurrentDictionary<string, Failure> _failures = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Called before every invocation, outside the app's middleware. It may delay it, or throw in the function's place. Default: none.
    /// </summary>
    public Func<FunctionContext, Task>? OnInvoking { get; set; }

    /// <summary>All invocations that have ended, in that order; the oldest are forgotten beyond 100,000.</summary>
    public IReadOnlyList<FunctionInvocation> Invocations() => _activity.Invocations();

    /// <summary>The invocations of one function that have ended.</summary>
    /// <param name="function">Its name. One that no host runs is an error: a misspelt name would make any "did not run" true.</param>
    /// <exception cref="ArgumentException">No host runs it.</exception>
    public IReadOnlyList<FunctionInvocation> Invocations(string function)
    {
        CheckName(function);
        return [.. _activity.Invocations().Where(i => i.Function.Equals(function, StringComparison.OrdinalIgnoreCase))];
    }

    /// <summary>Makes the next invocations of a function fail before its code runs.</summary>
    /// <param name="function">Its name.</param>
    /// <param name="times">How many; 0 or less: none any more.</param>
    /// <param name="exception">Makes what is thrown. Default: an <see cref="InvalidOperationException"/> that says who did it.</param>
    /// <exception cref="ArgumentException">No host runs it.</exception>
    public void Fail(string function, int times = 1, Func<Exception>? exception = null)
    {
        CheckName(function);
        _failures[function] = new Failure(times, exception ?? (() => new InvalidOperationException($"{function} fails because the test said so.")));
    }

    private async Task OnInvokingAsync(FunctionContext context)
    {
        if (OnInvoking is { } hook)
            await hook(context);
        if (_failures.TryGetValue(context.FunctionDefinition.Name, out var failure) && failure.Happens())
            throw failure.Make();
    }

    private void CheckName(string function)
    {
        ArgumentNullException.ThrowIfNull(function);
        var names = _hosts.SelectMany(h => h.FunctionList.All).Select(f => f.Name).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (names.Count > 0 && !names.Contains(function, StringComparer.OrdinalIgnoreCase))
            throw new ArgumentException($"No host runs a function '{function}'. Did you mean {Nearest.To(function, names)}?", nameof(function));
    }

    private sealed class Failure(int times, Func<Exception> make)
    {
        private int _left = times;

        public Func<Exception> Make => make;

        public bool Happens() => Interlocked.Decrement(ref _left) >= 0;
    }
}
