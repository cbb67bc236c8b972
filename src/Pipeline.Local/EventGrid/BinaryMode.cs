using System.Text;
using System.Text.Unicode;
using Pipeline.CloudEvents;

namespace Pipeline.Local.EventGrid;

/// <summary>Makes an event in structured mode, as which it is stored and delivered, of one in binary mode.</summary>
internal static class BinaryMode
{
    /// <exception cref="InvalidDataException">It is no CloudEvent; the message says what is wrong.</exception>
    public static ReadOnlyMemory<byte> Read(TopicRequest request)
    {
        var headers = request.Headers.Select(h => KeyValuePair.Create(h.Key, (IReadOnlyList<string?>)h.Value));
        if (ReceivedEvent.Read(headers, request.Header("Content-Type"), request.Body, out var fault) is not { } read)
            throw new InvalidDataException($"The event: {fault}.");
        if (read.DataFault is { } wrong)
            throw new InvalidDataException($"The event: the data cannot be read: {wrong}.");
        var cloudEvent = read.ToCloudEvent();
        cloudEvent.Data = read.Data is not { } data || read.IsJson ? read.Data : DataOf(data, read["datacontenttype"]);
        return EventFormatter.Short.Write(cloudEvent);
    }

    /// <summary>Not as the SDK does it, which takes data without a type for JSON.</summary>
    private static object DataOf(ReadOnlyMemory<byte> data, string? type)
    {
        if (type?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) != true)
            return data.ToArray();
        return Utf8.IsValid(data.Span)
            ? Encoding.UTF8.GetString(data.Span)
            : throw new InvalidDataException("The event: the data is text, but not in utf-8.");
    }
}
