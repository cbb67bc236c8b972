namespace Pipeline.Storage;

/// <summary>Values of the <c>kind</c> property that every record has.</summary>
internal static class RecordKinds
{
    public const string Head = "head";
    public const string State = "state";
    public const string Event = "event";
    public const string Snapshot = "snapshot";
    public const string Inbox = "inbox";
    public const string Outbox = "outbox";
    public const string Discarded = "discarded";
    public const string Published = "published";
    public const string Damage = "damage";
    public const string GivenBack = "givenback";
    public const string DeadLetter = "deadletter";
    public const string Replay = "replay";
}
