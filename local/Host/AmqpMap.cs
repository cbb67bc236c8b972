using Google.Protobuf;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;

namespace Pipeline.Local.Hosting;

/// <summary>Reads the application properties that a function changes with a settlement: an AMQP map.</summary>
internal static class AmqpMap
{
    /// <returns><see langword="null"/> for none.</returns>
    public static Dictionary<string, object>? Decode(ByteString encoded)
    {
        if (encoded.IsEmpty)
            return null;
        using var buffer = new ByteBuffer(encoded.ToByteArray(), 0, encoded.Length);
        var properties = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (key, value) in AmqpCodec.DecodeMap(buffer))
            properties[Convert.ToString(key.Key, CultureInfo.InvariantCulture)!] = ToNet(value);
        return properties;
    }

    private static object ToNet(object value) => value switch
    {
        AmqpSymbol symbol => symbol.Value,
        DescribedType { Descriptor: AmqpSymbol { Value: "com.microsoft:uri" }, Value: string uri } => new Uri(uri),
        DescribedType { Descriptor: AmqpSymbol { Value: "com.microsoft:datetime-offset" }, Value: long ticks } => new DateTimeOffset(ticks, TimeSpan.Zero),
        DescribedType { Descriptor: AmqpSymbol { Value: "com.microsoft:timespan" }, Value: long ticks } => new TimeSpan(ticks),
        _ => value,
    };
}
