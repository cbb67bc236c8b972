using System.Collections.Concurrent;

namespace Pipeline.InvoiceApp;

/// <summary>Numbers that count up, one for each key.</summary>
public sealed class CountedNumbers : IInvoiceNumbers
{
    private readonly ConcurrentDictionary<string, string> _given = new(StringComparer.Ordinal);

    /// <summary>Gets how many numbers were given.</summary>
    public int Given => _given.Count;

    public Task<string> NextAsync(string key, CancellationToken cancellationToken) =>
        Task.FromResult(_given.GetOrAdd(key, _ => FormattableString.Invariant($"2026-{_given.Count + 1}")));
}
