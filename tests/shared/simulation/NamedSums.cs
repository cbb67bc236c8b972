using System.Text.Json;

namespace Pipeline.Tests;

/// <summary>Sums by name: what was counted anew, and what is stored.</summary>
internal sealed class NamedSums
{
    private readonly SortedDictionary<string, decimal> _sums = new(StringComparer.Ordinal);

    public void Add(string name, decimal more) => _sums[name] = _sums.GetValueOrDefault(name) + more;

    public void Add(string name, JsonElement sums)
    {
        foreach (var sum in sums.EnumerateObject())
            Add($"{name} {sum.Name}", sum.Value.GetDecimal());
    }

    public IEnumerable<string> Against(NamedSums expected, string whose) => _sums.Keys.Union(expected._sums.Keys)
        .Where(name => _sums.GetValueOrDefault(name) != expected._sums.GetValueOrDefault(name))
        .Select(name => Invariant($"{whose}: {name} is {_sums.GetValueOrDefault(name)}, the streams say {expected._sums.GetValueOrDefault(name)}"));
}
