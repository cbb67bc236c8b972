using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Pipeline.DeadLetters;
using Pipeline.Diagnostics;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>Writes metrics, traces and the log of one consumer.</summary>
internal sealed class ConsumerTelemetry(ConsumerName name, ILogger log) : IConsumerObserver
{
    private readonly string _consumer = name.Value;
    private readonly KeyValuePair<string, object?> _tag = new("consumer", name.Value);

    public Activity? Begin(ParsedMessage message) => Telemetry.StartConsume(_consumer, message.Message?.Type, message.Message?.TraceParent);

    public void Handled(ParsedMessage message, DateTimeOffset now)
    {
        Telemetry.Handled.Add(1, _tag);
        if (message.Message?.Time is { } time)
            Telemetry.CommitToEffect.Record(Math.Max(0, (now - time).TotalSeconds), _tag);
    }

    public void Duplicate() => Telemetry.Duplicates.Add(1, _tag);

    public void DeadLettered(DeadLetter deadLetter, Failure failure, DelayedRetry? retry)
    {
        Telemetry.DeadLettersCreated.Add(1, _tag, new("reason", failure.Reason));
        log.LogWarning(
            "{Consumer}: message {EventId} of subject {Subject} is a dead letter, {DeadLetter}, {Wait}: {Reason}: {Description}",
            _consumer, deadLetter.EventId?.Value ?? deadLetter.MessageId, deadLetter.Partition.Value, deadLetter.Id.Value, DeadLetterStore.WaitText(retry), failure.Reason, failure.Text);
    }

    public void ReplayFailed(DeadLetter deadLetter, Failure failure, DelayedRetry? retry)
    {
        Telemetry.ReplaysFailed.Add(1, _tag, new("reason", failure.Reason));

        // With another retry to come, the stack trace was logged when the message failed first, and the dead letter has it.
        log.LogWarning(
            "{Consumer}: the replay of {DeadLetter} of subject {Subject} failed, {Wait}: {Reason}: {Description}",
            _consumer, deadLetter.Id.Value, deadLetter.Partition.Value, DeadLetterStore.WaitText(retry), failure.Reason, retry is null ? failure.Text : failure.Title);
    }

    public void NotReplayed(DeadLetter deadLetter, Failure failure) => log.LogWarning(
        "{Consumer}: the replay of {DeadLetter} of subject {Subject} had no effect: {Reason}: {Description}",
        _consumer, deadLetter.Id.Value, deadLetter.Partition.Value, failure.Reason, failure.Description);

    public void Abandoned(ParsedMessage message, Exception exception) => log.LogWarning(
        exception, "{Consumer}: delivery {Delivery} of {EventId} failed; the broker delivers it again.",
        _consumer, message.Received.DeliveryCount, message.Message?.Id);

    public void GivenBack(ParsedMessage message, Exception exception) => log.LogError(
        exception, "{Consumer}: {EventId} of subject {Subject} could not be handled, for a reason that is not its own. The broker delivers it again.",
        _consumer, message.Message?.Id, message.Partition.Value);

    public void Damaged(ParsedMessage message, DamagedPartitionException damage) => log.LogError(
        damage, "{Consumer}: {EventId} cannot be handled. {Damage} It stays in the broker.", _consumer, message.Message?.Id, damage.Message);

    public void BatchSplit(Partition partition, int count, Exception exception) => log.LogDebug(
        exception, "{Consumer}: {Count} messages of '{Partition}' are handled one by one.", _consumer, count, partition.Value);
}
