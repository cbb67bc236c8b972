using System.Collections.Concurrent;
using Pipeline.Cli.Sample;
using Pipeline.Client;

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

    /// <summary>Deliveries during the run that came after their effect.</summary>
    public int Duplicates { get; private set; }

    /// <summary>Dead letters that were created during the run.</summary>
    public int DeadLettered { get; set; }

    /// <summary>Those of them that are closed.</summary>
    public int Replayed { get; set; }

    public void Add(HandledMessageSummary handled, DateTimeOffset started)
    {
        Handled.Add(handled);
        if (handled.HandledAt < started)
            return;

        Handlings++;
        Duplicates += handled.Duplicates;
    }
}
