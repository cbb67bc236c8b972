using System.Runtime.Serialization;
using Microsoft.Azure.Amqp.Encoding;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>Values of application properties, in AMQP and in the broker.</summary>
internal static class AmqpValues
{
    private const string TimeSpanName = "com.microsoft:timespan";
    private const string UriName = "com.microsoft:uri";
    private const string DateTimeOffsetName = "com.microsoft:datetime-offset";

    /// <summary>The application properties that a map holds.</summary>
    /// <exception cref="ArgumentException">A key is no name.</exception>
    /// <exception cref="SerializationException">A property cannot have such a value.</exception>
    public static Dictionary<string, object> ToProperties(IEnumerable<KeyValuePair<MapKey, object>> map)
    {
        var properties = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (key, value) in map)
        {
            var name = NameOf(key);
            properties[name] = FromAmqp(name, value)!;
        }

        return properties;
    }

    private static string NameOf(MapKey key) => key.Key switch
    {
        string text => text,
        AmqpSymbol symbol => symbol.Value,
        _ => throw new ArgumentException("The name of a property is no text."),
    };

    public static object? ToAmqp(object? value) => value switch
    {
        TimeSpan span => new DescribedType((AmqpSymbol)TimeSpanName, span.Ticks),
        DateTimeOffset time => new DescribedType((AmqpSymbol)DateTimeOffsetName, time.UtcTicks),
        Uri uri => new DescribedType((AmqpSymbol)UriName, uri.OriginalString),
        byte[] bytes => new ArraySegment<byte>(bytes),
        _ => value,
    };

    /// <exception cref="SerializationException">A property cannot have such a value.</exception>
    private static object? FromAmqp(string name, object? value) => value switch
    {
        ArraySegment<byte> bytes => bytes.ToArray(),
        AmqpSymbol symbol => symbol.Value,
        DescribedType described => Described(name, described),
        null or string or bool or byte or sbyte or char or short or ushort or int or uint or long or ulong or float or double or decimal or Guid or DateTime => value,
        _ => throw new SerializationException($"The application property '{name}' is a {value.GetType().Name}, which Service Bus does not take."),
    };

    private static object Described(string name, DescribedType described)
    {
        try
        {
            return (described.Descriptor as AmqpSymbol?)?.Value switch
            {
                TimeSpanName => new TimeSpan((long)described.Value),
                DateTimeOffsetName => new DateTimeOffset((long)described.Value, TimeSpan.Zero),
                UriName => new Uri((string)described.Value, UriKind.RelativeOrAbsolute),
                _ => throw new SerializationException($"The application property '{name}' has a described type that Service Bus does not know."),
            };
        }
        catch (Exception error) when (error is InvalidCastException or ArgumentException or FormatException)
        {
            throw new SerializationException($"The application property '{name}' cannot be read: {error.Message}", error);
        }
    }
}
