using System.Text.Json;
using Azure.Messaging;
using Pipeline.Consumers;

namespace Pipeline.Tests;

/// <summary>Builds deliveries as the broker would hand them over.</summary>
internal static class Deliveries
{
    public static ReceivedMessage Of(
        object data, long? sequence = null, string source = TestedApp.Source, DateTimeOffset? time = null, int deliveryCount = 1, string? id = null)
    {
        var type = TestedApp.Messages.Of(data);
        var key = type.Key(data);
        var cloudEvent = new CloudEvent(
            source, type.Name, BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(data, type.Json)), "application/json", CloudEventDataFormat.Json)
        {
            Id = id ?? $"{source}:{key}:{sequence?.ToString(CultureInfo.InvariantCulture) ?? type.Name}",
            Subject = key,
            Time = time,
        };
        cloudEvent.ExtensionAttributes["partitionkey"] = key;
        cloudEvent.ExtensionAttributes["correlationid"] = "flow-1";
        if (sequence is { } number)
            cloudEvent.ExtensionAttributes["sequence"] = number.ToString("D19", CultureInfo.InvariantCulture);
        return new ReceivedMessage
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(cloudEvent),
            SessionId = key,
            MessageId = cloudEvent.Id,
            DeliveryCount = deliveryCount,
        };
    }

    public static ReceivedMessage AsReplayOf(this ReceivedMessage delivery, string entryId, int attempt = 0, string replayId = "r1") => delivery with
    {
        MessageId = Invariant($"{replayId}:{delivery.MessageId}:{attempt}"),
        Properties = new Dictionary<string, string>
        {
            [ReceivedMessage.ReplayProperty] = replayId,
            [ReceivedMessage.EntryProperty] = entryId,
            [ReceivedMessage.AttemptProperty] = attempt.ToString(CultureInfo.InvariantCulture),
        },
    };

    /// <summary>As it lies in the dead-letter queue after the broker itself put it there.</summary>
    public static ReceivedMessage DeadLettered(this ReceivedMessage delivery, string reason = "MaxDeliveryCountExceeded") =>
        delivery with { DeadLetterReason = reason, DeadLetterDescription = "by the broker" };
}
