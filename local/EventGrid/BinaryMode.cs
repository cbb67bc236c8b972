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
        if (read is { Data: { } data, IsJson: false } && read["datacontenttype"]?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) == true && !Utf8.IsValid(data.Span))
            throw new InvalidDataException("The event: the data is text, but not in utf-8.");
        var cloudEvent = read.ToCloudEvent();
        if (read.IsJson)
            cloudEvent.Data = read.Data;
        else if (read.Data is { } bytes)
            EventFormatter.Short.DecodeBinaryModeEventData(bytes, cloudEvent);
        return EventFormatter.Short.Write(cloudEvent);
    }
}
