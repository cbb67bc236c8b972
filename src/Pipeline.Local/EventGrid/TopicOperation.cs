namespace Pipeline.Local.EventGrid;

/// <summary>What a record of the journal consists of. The numbers are on disk: add to them, never change one.</summary>
internal enum TopicOperation : byte
{
    Subscribe = 1,
    Unsubscribe = 2,
    Publish = 3,
    Fail = 4,
    GiveUp = 5,
    Remove = 6,
}
