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
[JsonSerializable(typeof(BlockedLine))]
[JsonSerializable(typeof(ReplayRecord))]
[JsonSerializable(typeof(StoredEvent))]
[JsonSerializable(typeof(TroubleRecord))]
internal sealed partial class RecordJson : JsonSerializerContext
{
    /// <summary>A time as it is stored: in UTC with the digits it needs. Such texts compare as the times do.</summary>
    public static string TextOf(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz", System.Globalization.CultureInfo.InvariantCulture);
}
