using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Storage;

/// <summary>
/// Identifiers that fit everywhere they travel: Cosmos DB ids (no <c>/ \ ? #</c>), Service Bus session and message ids
/// (at most 128 characters) and URLs. All are derived from what they name, so that a repeated step makes the same id.
/// </summary>
public static class Ids
{
    /// <summary>The longest partition key, in characters; it leaves room for the rest of an event id within 128.</summary>
    public const int MaxPartitionLength = 80;

    private const int MaxRecordIdLength = 240;

    /// <summary>Id of the head record, one per partition.</summary>
    internal const string Head = "head";

    /// <summary>Id of the state record of an aggregate that is stored as a document.</summary>
    internal const string State = "state";

    /// <summary>Id of the latest snapshot of an event-sourced aggregate.</summary>
    internal const string Snapshot = "snapshot";

    /// <summary>First possible id of an outbox record.</summary>
    internal const string OutboxFrom = "out:";

    /// <summary>First id behind all outbox records (';' follows ':').</summary>
    internal const string OutboxTo = "out;";

    internal static string Outbox(long firstNumber) => string.Create(null, $"out:{firstNumber:D19}");

    /// <summary>Id of an outbox record that was given up.</summary>
    internal static string Discarded(long firstNumber) => string.Create(null, $"discarded:{firstNumber:D19}");

    /// <summary>The number in the id of an outbox or discarded record; 0 if there is none.</summary>
    internal static long NumberOf(string id) =>
        long.TryParse(id.AsSpan(id.IndexOf(':') + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;

    internal static string Event(long version) => string.Create(null, $"ev:{version:D19}");

    internal static string Replay(string replayId) => "replay:" + replayId;

    /// <summary>
    /// The CloudEvents id of the message that a partition sends under that number; for an older version that is published
    /// beside it, with that version behind it.
    /// </summary>
    internal static CloudEventId OfEvent(string service, Partition partition, long number, string? olderVersion = null) =>
        new(olderVersion is null ? string.Create(null, $"{service}:{partition}:{number}") : string.Create(null, $"{service}:{partition}:{number}.{olderVersion}"));

    /// <summary>
    /// Identifies one message to one consumer: consumer, source, subject and sequence, or the event id where there is no sequence. Two
    /// versions of one event, published side by side, share it.
    /// </summary>
    internal static string InboxKey(ConsumerName consumer, string source, string? subject, long? sequence, CloudEventId id) =>
        sequence is { } number
            ? Join(consumer.Value, source, subject ?? "", number.ToString(System.Globalization.CultureInfo.InvariantCulture))
            : Join(consumer.Value, source, id.Value);

    /// <summary>The key of a message that cannot be read as an event: its message id and content, the same wherever it is seen.</summary>
    internal static string PoisonKey(ConsumerName consumer, string? messageId, ReadOnlyMemory<byte> body) =>
        Join(consumer.Value, "unreadable", messageId ?? "", Convert.ToHexStringLower(SHA256.HashData(body.Span).AsSpan(0, 8)));

    internal static string CommandKey(string idempotencyKey) => Join("http", idempotencyKey);

    /// <summary>The key of a message in one of several partitions that it concerns.</summary>
    internal static string InPartition(string key, Partition partition) => Fitting($"{key}:{partition}");

    internal static string Inbox(string key) => "in:" + key;

    internal static DeadLetterId DeadLetter(string key) => new("dl:" + key);

    /// <summary>Whether a text that came from outside can be the id of a dead letter.</summary>
    internal static bool IsDeadLetter(string id) =>
        id.Length <= 255 && id.StartsWith("dl:", StringComparison.Ordinal) && id.All(c => c is > ' ' and <= '~' and not ('/' or '\\' or '?' or '#'));

    /// <summary>Says what is wrong with a partition key, or <see langword="null"/> if it can be used.</summary>
    public static string? PartitionError(string? partition)
    {
        if (string.IsNullOrEmpty(partition))
            return "is empty";
        if (partition.Length > MaxPartitionLength)
            return $"is {partition.Length} characters long; at most {MaxPartitionLength} are allowed";
        if (partition is "." or "..")
            return "is a dot segment, which clients take out of addresses";
        foreach (var c in partition)
        {
            if (c is '/' or '\\' or '?' or '#' or ':' or < '!' or > '~')
                return $"has the character '{c}' (U+{(int)c:X4}); use printable ASCII without space, / \\ ? # and :";
        }

        return null;
    }

    private static string Join(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            if (text.Length > 0)
                text.Append(':');
            foreach (var c in part)
            {
                // '/' and '~' as in JSON Pointer (RFC 6901); the rest of what may not stand in an id, by code point.
                _ = c switch
                {
                    '~' => text.Append("~0"),
                    '/' => text.Append("~1"),
                    '\\' or '?' or '#' or ':' or '%' or <= ' ' or > '~' => text.Append('~').Append('x').Append(((int)c).ToString("X4", CultureInfo.InvariantCulture)),
                    _ => text.Append(c),
                };
            }
        }

        return Fitting(text.ToString());
    }

    private static string Fitting(string id) =>
        id.Length <= MaxRecordIdLength
            ? id
            : string.Concat(id.AsSpan(0, 100), ":", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id))));
}
