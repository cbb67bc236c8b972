using Pipeline.Failures;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>The rules that depend on nothing but the message, the position of its consumer and the time. See <c>docs/guide/guarantees.md</c>.</summary>
internal static class HandlingRules
{
    /// <summary>
    /// Rule 2: a message is not handled if it cannot be told whether it was handled before, or could not be told for long enough. With a
    /// sequence, a message is found by its place in the order; any other message has an age, by the sender's clock.
    /// </summary>
    /// <returns>Why it must not be handled; <see langword="null"/> if it may be.</returns>
    public static Failure? CheckOrderAndAge(
        IncomingMessage? message, bool isUnordered, ConsumerPosition position, bool isReplay, DateTimeOffset now, ConsumerOptions options)
    {
        if (message is null)
            return null;
        if (!isUnordered && message.Sequence is { } sequence)
        {
            var handled = position.Handled.GetValueOrDefault(message.Source);
            return sequence > handled ? null : new Failure(DeadLetterReasons.OutOfOrder, string.Create(
                CultureInfo.InvariantCulture, $"Sequence {sequence} of '{message.Source}' comes after {handled} was handled, and no inbox record proves that it was handled too."));
        }

        if (isReplay || message.Time is not { } time)
            return null;
        if (now - time > options.InboxTimeToLive)
            return new Failure(DeadLetterReasons.Expired, string.Create(CultureInfo.InvariantCulture, $"Sent {time:O}, before the oldest inbox record that is kept."));
        return time - now <= options.MaxClockSkew ? null : new Failure(DeadLetterReasons.DatedAhead, string.Create(
            CultureInfo.InvariantCulture,
            $"Its time is {time:O}, {time - now:g} ahead of this clock; at most {options.MaxClockSkew:g} is accepted. Correct the sender's clock, and send it again or replay it."));
    }

    /// <summary>Whether a dead letter for that reason keeps its position in the subject: one that may have been handled blocks nothing.</summary>
    public static bool KeepsPosition(string reason, bool isUnordered) => !isUnordered && reason is not (DeadLetterReasons.OutOfOrder or DeadLetterReasons.Expired);
}
