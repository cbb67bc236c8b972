using Google.Protobuf;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Encodes application properties that a settlement changes as an AMQP map.</summary>
internal static class AmqpProperties
{
    private static readonly HashSet<Type> _asTheyAre =
    [
        typeof(byte), typeof(sbyte), typeof(char), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(float), typeof(double), typeof(decimal), typeof(bool), typeof(Guid), typeof(string), typeof(DateTime),
    ];

    /// <exception cref="NotSupportedException">A value has a type that an application property cannot have.</exception>
    public static ByteString Encode(IEnumerable<KeyValuePair<string, object>>? properties)
    {
        if (properties is null)
            return ByteString.Empty;
        var map = new AmqpMap();
        foreach (var (name, value) in properties)
            map[new MapKey(name)] = ToAmqp(name, value);
        using var buffer = new ByteBuffer(256, autoGrow: true);
        AmqpCodec.EncodeMap(map, buffer);
        return ByteString.CopyFrom(buffer.Buffer, buffer.Offset, buffer.Length);
    }

    private static object? ToAmqp(string name, object? value) => value switch
    {
        null => null,
        Uri uri => new DescribedType((AmqpSymbol)"com.microsoft:uri", uri.AbsoluteUri),
        DateTimeOffset time => new DescribedType((AmqpSymbol)"com.microsoft:datetime-offset", time.UtcTicks),
        TimeSpan span => new DescribedType((AmqpSymbol)"com.microsoft:timespan", span.Ticks),
        _ when _asTheyAre.Contains(value.GetType()) => value,
        _ => throw new NotSupportedException($"The property '{name}' is a {value.GetType().Name}, which no application property can be."),
    };
}
