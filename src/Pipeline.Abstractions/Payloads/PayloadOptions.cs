using Pipeline.Failures;

namespace Pipeline.Payloads;

/// <summary>What goes to the payload store, and how long it stays.</summary>
public sealed record PayloadOptions
{
    /// <summary>
    /// The most data that travels in the message itself, in bytes. Default and maximum 192 KB: Service Bus Standard takes 256 KB
    /// with headers, and a message of this size always fits.
    /// </summary>
    public int MaxInlineBytes { get; init; } = 192 * 1024;

    /// <summary>The largest payload, in bytes. Default 16 MB: it is held in memory as a whole.</summary>
    public int MaxPayloadBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// How old a payload must be before the collector looks at it. Default 2 days: longer than any handling takes, and than
    /// Event Grid's 24 hours of delivery attempts.
    /// </summary>
    public TimeSpan MinimumAge { get; init; } = TimeSpan.FromDays(2);

    /// <summary>How long one run of the collector may take before it leaves the rest to the next. Default 4 minutes.</summary>
    public TimeSpan CollectorBudget { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>Payloads that the collector looks at side by side. Default 8.</summary>
    public int CollectorParallelism { get; init; } = 8;

    /// <summary>Name of the blob container. Default <c>payloads</c>. Nothing else may be kept there.</summary>
    public string Container { get; init; } = "payloads";

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal PayloadOptions Checked()
    {
        OptionRange.Check(MaxInlineBytes, MaxInlineBytes is >= 0 and <= 192 * 1024, "0 to 196608 bytes");
        OptionRange.Check(MaxPayloadBytes, MaxPayloadBytes >= 1, "at least 1 byte");
        OptionRange.Check(MinimumAge, MinimumAge >= TimeSpan.Zero, "0 or more");
        OptionRange.Check(CollectorBudget, CollectorBudget >= TimeSpan.Zero, "0 or more");
        OptionRange.Check(CollectorParallelism, CollectorParallelism >= 1, "at least 1");
        OptionRange.Check(Container, Container is { Length: >= 3 and <= 63 }, "a name of 3 to 63 characters");
        return this;
    }
}
