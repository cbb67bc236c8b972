using Pipeline.Failures;

namespace Pipeline.Payloads;

/// <summary>What goes to the payload store, and how long it stays.</summary>
public sealed record PayloadOptions
{
    /// <summary>
    /// The most data that travels in the message itself, in bytes. Default and maximum 192 KB: Service Bus Standard takes 256 KB
    /// with headers, and a message of this size always fits.
    /// </summary>
    public int MaxInlineBytes { get; set; } = 192 * 1024;

    /// <summary>The largest payload, in bytes. Default 16 MB, at least 1 byte: it is held in memory as a whole.</summary>
    public int MaxPayloadBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// How old a payload must be before the collector looks at it. Default 2 days, 0 or more: longer than any handling takes, and than
    /// Event Grid's 24 hours of delivery attempts.
    /// </summary>
    public TimeSpan MinimumAge { get; set; } = TimeSpan.FromDays(2);

    /// <summary>How long one run of the collector may take before it leaves the rest to the next. Default 4 minutes, 0 or more.</summary>
    public TimeSpan CollectorBudget { get; set; } = TimeSpan.FromMinutes(4);

    /// <summary>Payloads that the collector looks at side by side. Default 8, at least 1.</summary>
    public int CollectorParallelism { get; set; } = 8;

    /// <summary>Name of the blob container. Default <c>payloads</c>; 3 to 63 characters. Nothing else may be kept there.</summary>
    public string Container { get; set; } = "payloads";

    /// <summary>The ranges of all values.</summary>
    internal static IReadOnlyList<OptionRule<PayloadOptions>> Rules { get; } =
    [
        new(nameof(MaxInlineBytes), "0 to 196608 bytes", o => o.MaxInlineBytes, o => o.MaxInlineBytes is >= 0 and <= 192 * 1024),
        new(nameof(MaxPayloadBytes), "at least 1 byte", o => o.MaxPayloadBytes, o => o.MaxPayloadBytes >= 1),
        new(nameof(MinimumAge), "0 or more", o => o.MinimumAge, o => o.MinimumAge >= TimeSpan.Zero),
        new(nameof(CollectorBudget), "0 or more", o => o.CollectorBudget, o => o.CollectorBudget >= TimeSpan.Zero),
        new(nameof(CollectorParallelism), "at least 1", o => o.CollectorParallelism, o => o.CollectorParallelism >= 1),
        new(nameof(Container), "a name of 3 to 63 characters", o => o.Container, o => o.Container is { Length: >= 3 and <= 63 }),
    ];

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal PayloadOptions Checked() => OptionRule<PayloadOptions>.Check(this, Rules);
}
