namespace Pipeline.Local.ServiceBus;

/// <summary>A queue.</summary>
internal sealed record QueueDefinition : ReceivableDefinition
{
    public TimeSpan? DuplicateDetectionWindow { get; init; }
}
