using System.Text.Json.Serialization;
using Pipeline.Ledger;
using Pipeline.Replays;
using Pipeline.State;

namespace Pipeline.Partitions;

/// <summary>Source-generated metadata of the records.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Head))]
[JsonSerializable(typeof(InboxRecord))]
[JsonSerializable(typeof(LedgerEntry))]
[JsonSerializable(typeof(LedgerLine))]
[JsonSerializable(typeof(LedgerDiscard))]
[JsonSerializable(typeof(FollowerView))]
[JsonSerializable(typeof(ReplayRecord))]
[JsonSerializable(typeof(StoredEvent))]
internal sealed partial class RecordJson : JsonSerializerContext;
