using Google.Protobuf;
using Microsoft.Azure.Amqp;
using Pipeline.Local.ServiceBus.Amqp;

namespace Pipeline.Local.Hosting;

/// <summary>Reads the application properties that a function changes with a settlement: an AMQP map.</summary>
internal static class AmqpMap
{
    /// <returns><see langword="null"/> for none.</returns>
    /// <exception cref="System.Runtime.Serialization.SerializationException">A property cannot have such a value.</exception>
    public static Dictionary<string, object>? Decode(ByteString encoded)
    {
        if (encoded.IsEmpty)
            return null;
        using var buffer = new ByteBuffer(encoded.ToByteArray(), 0, encoded.Length);
        return AmqpValues.ToProperties(AmqpCodec.DecodeMap(buffer));
    }
}
