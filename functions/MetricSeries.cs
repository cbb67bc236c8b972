using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Pipeline.Functions;

/// <summary>Sums of measurements, one per instrument and tag values. Nothing is allocated for a measurement whose series is there.</summary>
internal sealed class MetricSeries
{
    /// <summary>Series that are kept. More would mean that a tag has no end of values; those are passed over.</summary>
    public const int Most = 2_000;

    private readonly ConcurrentDictionary<Key, Sum> _sums = new();

    /// <summary>Counts, sums up or replaces, as the instrument's kind wants it. The first two tags count.</summary>
    public void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = new Key(
            instrument,
            tags.Length > 0 ? tags[0].Key : null, tags.Length > 0 ? Text(tags[0].Value) : null,
            tags.Length > 1 ? tags[1].Key : null, tags.Length > 1 ? Text(tags[1].Value) : null);
        if (!_sums.TryGetValue(key, out var sum))
        {
            if (_sums.Count >= Most)
                return;
            sum = _sums.GetOrAdd(key, static _ => new Sum());
        }

        sum.Add(value, instrument is Gauge<long> or Gauge<double>);
    }

    /// <summary>What came since the last time, series by series.</summary>
    public IEnumerable<(string Name, double Value, Dictionary<string, object> Properties)> Take()
    {
        foreach (var (key, sum) in _sums)
        {
            if (sum.Take() is not { } taken)
                continue;
            var properties = new Dictionary<string, object>(StringComparer.Ordinal);
            if (key.Tag is not null)
                properties[key.Tag] = key.Value ?? "";
            if (key.SecondTag is not null)
                properties[key.SecondTag] = key.SecondValue ?? "";
            if (key.Instrument is Histogram<double>)
            {
                // Words of the host's own: it makes them the metric's count, least and greatest value.
                properties["count"] = taken.Count;
                properties["min"] = taken.Least;
                properties["max"] = taken.Greatest;
            }

            yield return (key.Instrument.Name, taken.Value, properties);
        }
    }

    private static string? Text(object? value) => value as string ?? Convert.ToString(value, CultureInfo.InvariantCulture);

    private readonly record struct Key(Instrument Instrument, string? Tag, string? Value, string? SecondTag, string? SecondValue);

    private sealed class Sum
    {
        private readonly Lock _gate = new();
        private int _count;
        private double _value;
        private double _least;
        private double _greatest;

        public void Add(double value, bool replaces)
        {
            lock (_gate)
            {
                _least = _count == 0 ? value : Math.Min(_least, value);
                _greatest = _count == 0 ? value : Math.Max(_greatest, value);
                _value = replaces || _count == 0 ? value : _value + value;
                _count++;
            }
        }

        public (double Value, int Count, double Least, double Greatest)? Take()
        {
            lock (_gate)
            {
                if (_count == 0)
                    return null;
                var taken = (_value, _count, _least, _greatest);
                _count = 0;
                return taken;
            }
        }
    }
}
