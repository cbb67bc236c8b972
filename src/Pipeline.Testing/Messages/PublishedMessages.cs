using System.Text.Json;
using Pipeline.Messages;

namespace Pipeline.Testing.Messages;

/// <summary>Reads what was sent.</summary>
internal static class PublishedMessages
{
    /// <summary>The messages of one type, in the order in which they were sent. One that was sent again after a crash is there once.</summary>
    /// <param name="sent">All that was sent.</param>
    /// <param name="catalog">The messages of the app.</param>
    /// <param name="payload">Finds data that was too large for its message, by its address.</param>
    /// <exception cref="ArgumentException">The record is in no catalog.</exception>
    public static IReadOnlyList<PublishedMessage<T>> Of<T>(IEnumerable<SentMessage> sent, MessageCatalog catalog, Func<string, ReadOnlyMemory<byte>?> payload)
        where T : class
    {
        var type = CatalogLookup.TypeOf(catalog, typeof(T));
        var found = new List<PublishedMessage<T>>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var message in sent)
        {
            if (EventReader.Read(message.Body, out _) is { } read && read.Type == type.Name && seen.Add(read.Id))
                found.Add(Of<T>(read, message, (read.Data ?? DataOf(read, payload), type)));
        }

        return found;
    }

    private static PublishedMessage<T> Of<T>(IncomingMessage read, SentMessage message, (ReadOnlyMemory<byte> Data, MessageType Type) content)
        where T : class =>
        new(
            (T)JsonSerializer.Deserialize(content.Data.Span, content.Type.Json)!,
            read.Id,
            read.Source,
            read.Subject,
            read.CorrelationId,
            read.CausationId,
            read.Sequence,
            message.Destination,
            message.NotBefore);

    private static ReadOnlyMemory<byte> DataOf(IncomingMessage read, Func<string, ReadOnlyMemory<byte>?> payload) =>
        read.DataRef is { } address && payload(address) is { } data
            ? data
            : throw new InvalidOperationException($"The data of '{read.Id}' was too large for its message and is at '{read.DataRef}'. Read it there: Published cannot.");
}
