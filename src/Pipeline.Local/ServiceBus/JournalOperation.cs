namespace Pipeline.Local.ServiceBus;

/// <summary>What a record of the journal consists of. The numbers are on disk: add to them, never change one.</summary>
internal enum JournalOperation : byte
{
    Define = 1,
    Forget = 2,
    Enqueue = 3,
    Schedule = 4,
    Unschedule = 5,
    Deliver = 6,
    Release = 7,
    Fail = 8,
    Remove = 9,
    DeadLetter = 10,
    Defer = 11,
    SessionState = 12,
    Accepted = 13,
    NextSequenceNumber = 14,
    EnqueueWithLifetime = 15,
    ScheduleWithLifetime = 16,
    EnqueueWithBodyKind = 17,
    ScheduleWithBodyKind = 18,
    Rules = 19,
    RuntimeEntity = 20,
}
