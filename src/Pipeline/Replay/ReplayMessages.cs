using System.Security.Cryptography;
using System.Text;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Messages;

namespace Pipeline.Replay;

/// <summary>Builds the messages of replays.</summary>
internal static class ReplayMessages
{
    /// <summary>The message that a replay sends of a dead letter: to that one consumer, with an id that is the same when it is sent again.</summary>
    public static OutgoingMessage Of(DeadLetter deadLetter, SubjectReplayRecord replay)
    {
        // An edit may have made the same event of two dead letters, and the broker drops the second of one id.
        var what = deadLetter.Edits is { Count: > 0 } ? deadLetter.Id.Value : deadLetter.EventId?.Value ?? deadLetter.MessageId;
        var id = string.Create(CultureInfo.InvariantCulture, $"{replay.ReplayId}:{what}:{deadLetter.Attempt}");
        if (id.Length > IncomingMessage.MaxIdLength)
        {
            var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 16));
            id = string.Create(CultureInfo.InvariantCulture, $"{replay.ReplayId}:{digest}:{deadLetter.Attempt}");
        }

        return new OutgoingMessage
        {
            MessageId = id,
            SessionId = deadLetter.Partition.Value,
            Type = deadLetter.Type,
            Body = deadLetter.Body,
            ReplayFor = deadLetter.Consumer.Value,
            TraceParent = deadLetter.TraceParent,
            Properties = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [ReceivedMessage.ReplayProperty] = replay.ReplayId,
                [ReceivedMessage.EntryProperty] = deadLetter.Id.Value,
                [ReceivedMessage.AttemptProperty] = deadLetter.Attempt.ToString(CultureInfo.InvariantCulture),
            },
        };
    }
}
