namespace Pipeline.Local.ServiceBus;

/// <summary>What is said of a copy. On disk, too.</summary>
[Flags]
internal enum CopyFlags : byte
{
    None = 0,
    Deferred = 1,
    Delivered = 2,
    Properties = 4,
    Expires = 8,
    DeadLetterSource = 16,
}
