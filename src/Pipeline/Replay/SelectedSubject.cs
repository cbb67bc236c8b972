using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>A subject with entries in the selection; the entry is the lowest of them.</summary>
internal sealed class SelectedSubject
{
    public required CosmosPartitionStore Store { get; init; }

    public required Partition Partition { get; init; }

    public required ConsumerName Consumer { get; init; }

    public required DeadLetterId Entry { get; init; }

    public required bool InOrder { get; init; }

    public required string Position { get; init; }

    public required string? Type { get; init; }

    public required string Reason { get; init; }

    public required string Fingerprint { get; init; }

    public required string? Summary { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Messages that wait, the head included; 0 if it is not the blocking dead letter.</summary>
    public int Waiting { get; set; }
}
