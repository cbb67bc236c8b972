using System.Text.Json.Serialization;
using Pipeline.DeadLetters;
using Pipeline.Replay;
using Pipeline.State;

namespace Pipeline.Storage;

/// <summary>Source-generated metadata of the records.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PartitionHead))]
[JsonSerializable(typeof(InboxRecord))]
[JsonSerializable(typeof(DeadLetter))]
[JsonSerializable(typeof(DeadLetterRow))]
[JsonSerializable(typeof(DiscardDetails))]
[JsonSerializable(typeof(FollowerSummary))]
[JsonSerializable(typeof(BlockingDeadLetter))]
[JsonSerializable(typeof(SubjectReplayRecord))]
[JsonSerializable(typeof(StoredEvent))]
[JsonSerializable(typeof(HandlingProblem))]
internal sealed partial class RecordJson : JsonSerializerContext
{
    /// <summary>A time as it is stored: in UTC with the digits it needs. Such texts compare as the times do.</summary>
    public static string TextOf(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz", System.Globalization.CultureInfo.InvariantCulture);
}
