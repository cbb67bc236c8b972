namespace Pipeline.Local.ServiceBus;

/// <summary>What is made at run time. On disk, too: add to them, never change one.</summary>
internal enum EntityKind : byte
{
    Queue = 0,
    Topic = 1,
    Subscription = 2,
}
