using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary>Says of a dead letter how it ended.</summary>
internal static class DeadLetterText
{
    /// <summary>Gets the result as text; <see langword="null"/> while it is open.</summary>
    public static string? EndingOf(DeadLetterDetails entry) => entry.Status != "closed" ? null : entry.Result switch
    {
        DeadLetterResults.Handled => "handled",
        DeadLetterResults.AlreadyHandled => "had been handled before; the replay had no effect",
        DeadLetterResults.Discarded => entry.Discarded is { } by ? $"discarded by {by.By}: {by.Reason}" : "discarded",
        _ => "closed",
    };

    /// <summary>Gets where it is.</summary>
    public static DeadLetterAddress AddressOf(DeadLetterDetails entry) => new(entry.Container, entry.Partition, entry.Id);
}
