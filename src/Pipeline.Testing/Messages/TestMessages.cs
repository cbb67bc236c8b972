using System.Text.Json;
using Azure.Messaging;
using Pipeline.Messages;

namespace Pipeline.Testing.Messages;

/// <summary>Makes the messages that a test delivers, each with the next sequence of its source and subject.</summary>
internal sealed class TestMessages(TimeProvider clock)
{
    private readonly Dictionary<(string Source, string Key), long> _sequences = [];
    private int _sent;

    /// <summary>Begins to count again, so that a scenario that is repeated delivers the same messages.</summary>
    public void Restart() => _sequences.Clear();

    /// <summary>Makes a message.</summary>
    /// <exception cref="ArgumentException">The data breaks its contract.</exception>
    public TestMessage Of(MessageType type, object data, EventAttributes attributes)
    {
        if (type.Validate?.Invoke(data) is { } violation)
            throw new ArgumentException($"This '{type.DataType.Name}' breaks its contract, so no relay would send it: {violation}", nameof(data));
        var key = type.Key(data);
        var source = attributes.Source ?? OwnerOf(type.Name);
        var number = attributes.Sequence ?? _sequences.GetValueOrDefault((source, key)) + 1;
        _sequences[(source, key)] = Math.Max(number, _sequences.GetValueOrDefault((source, key)));
        var bytes = JsonSerializer.SerializeToUtf8Bytes(data, type.Json);
        var cloudEvent = new CloudEvent(source, type.Name, BinaryData.FromBytes(bytes), "application/json", CloudEventDataFormat.Json)
        {
            Id = attributes.Id ?? string.Create(CultureInfo.InvariantCulture, $"{source}:{key}:{number}"),
            Subject = key,
            Time = attributes.Time ?? clock.GetUtcNow(),
        };
        cloudEvent.ExtensionAttributes["partitionkey"] = key;
        cloudEvent.ExtensionAttributes["correlationid"] = attributes.CorrelationId ?? key;
        if (attributes.CausationId is { } cause)
            cloudEvent.ExtensionAttributes["causationid"] = cause;
        if (type.Kind == MessageKind.Event)
            cloudEvent.ExtensionAttributes["sequence"] = number.ToString("D19", CultureInfo.InvariantCulture);
        return new TestMessage(type, cloudEvent, key, type.Kind == MessageKind.Event ? number : null);
    }

    /// <summary>The message on its way to one consumer. Its Service Bus id is new each time: the duplicate detection of the broker is not what is tested.</summary>
    public OutgoingMessage To(string consumer, TestMessage message) => new()
    {
        MessageId = string.Create(CultureInfo.InvariantCulture, $"test-{++_sent}"),
        SessionId = message.Key,
        Type = message.Type.Name,
        Body = JsonSerializer.SerializeToUtf8Bytes(message.Event),
        ReplayFor = consumer,
    };

    /// <summary>The owner is the third part of a type's name from its end.</summary>
    private static string OwnerOf(string type) => type.Split('.')[^3];
}
