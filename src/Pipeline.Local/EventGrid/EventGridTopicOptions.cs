using Microsoft.Extensions.Logging;

namespace Pipeline.Local.EventGrid;

/// <summary>How to open an <see cref="EventGridTopic"/>.</summary>
internal sealed record EventGridTopicOptions
{
    /// <summary>Where eventgrid.journal is kept; <see langword="null"/>: in memory.</summary>
    public string? Directory { get; init; }

    public required TimeProvider Clock { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Spreads waits.</summary>
    public required Random Random { get; init; }

    /// <summary>Divides every wait; 1 = as in Azure.</summary>
    public double TimeScale { get; init; } = 1;

    /// <summary>Looks up the settings that hold webhooks' addresses.</summary>
    public Func<string, string?> Settings { get; init; } = _ => null;
}
