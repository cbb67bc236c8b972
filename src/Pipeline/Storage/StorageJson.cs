using System.Text.Json.Serialization;

namespace Pipeline.Storage;

/// <summary>Source-generated metadata of the partition's own records.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PartitionHead))]
[JsonSerializable(typeof(HandlingProblem))]
internal sealed partial class StorageJson : JsonSerializerContext
{
    /// <summary>A time as it is stored: in UTC, with the digits it needs. Such texts compare as the times do.</summary>
    public static string TextOf(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);
}
