using System.Collections.Concurrent;
using Pipeline.Cli.Http;

namespace Pipeline.Cli.Demo;

/// <summary>The raw data of a run, from the pipeline's HTTP API; the checks read nothing else.</summary>
internal sealed class Evidence
{
    public required IReadOnlyList<PlacedOrder> Placed { get; init; }

    public ConcurrentDictionary<string, Order> Orders { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, Payment> Payments { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, Shipment> Shipments { get; } = new(StringComparer.Ordinal);

    public required IReadOnlyDictionary<string, long> ReservedBefore { get; init; }

    public IReadOnlyDictionary<string, long> ReservedAfter { get; set; } = new Dictionary<string, long>(StringComparer.Ordinal);

    public HandlingOrder Handled { get; } = new();

    /// <summary>Messages that were handled during the run.</summary>
    public int Handlings { get; private set; }

    /// <summary>Deliveries during the run that came after their effect; <see langword="null"/> if the pipeline does not report it.</summary>
    public int? Duplicates { get; private set; }

    /// <summary>Dead letters that were created during the run.</summary>
    public int DeadLettered { get; set; }

    /// <summary>Those of them that are closed.</summary>
    public int Replayed { get; set; }

    public void Add(Handled handled, DateTimeOffset started)
    {
        Handled.Add(handled);
        if (handled.HandledAt < started)
            return;

        Handlings++;
        if (handled.Duplicates is { } duplicates)
            Duplicates = (Duplicates ?? 0) + duplicates;
    }
}
