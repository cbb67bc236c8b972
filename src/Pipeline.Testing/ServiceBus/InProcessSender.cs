using System.Diagnostics.CodeAnalysis;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Testing.ServiceBus;

/// <summary>A sender of <see cref="InProcessServiceBus"/>.</summary>
[SuppressMessage("Usage", "CA2215", Justification = "Made as for mocking, the official types have nothing to dispose of, and would fail.")]
internal sealed class InProcessSender(Func<Broker> broker, string path) : ServiceBusSender
{
    private readonly Dictionary<ServiceBusMessageBatch, List<ServiceBusMessage>> _batches = [];

    public override string EntityPath => path;

    public override Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default) => SendAsync([message], cancellationToken);

    public override Task SendMessagesAsync(IEnumerable<ServiceBusMessage> messages, CancellationToken cancellationToken = default) =>
        messages.ToList() is { Count: > 0 } all ? SendAsync(all, cancellationToken) : Task.CompletedTask;

    public override Task SendMessagesAsync(ServiceBusMessageBatch messageBatch, CancellationToken cancellationToken = default) =>
        SendMessagesAsync(_batches[messageBatch], cancellationToken);

    public override ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(CancellationToken cancellationToken = default)
    {
        var (kept, size) = (new List<ServiceBusMessage>(), MessageSize.BatchEnvelopeBytes);
        var batch = ServiceBusModelFactory.ServiceBusMessageBatch(0, kept, tryAddCallback: message =>
        {
            var larger = size + MessageSize.InBatch(ToSend(message));
            if (larger > MessageSize.MaxBytes)
                return false;
            size = larger;
            return true;
        });
        _batches.Add(batch, kept);
        return ValueTask.FromResult(batch);
    }

    public override async Task<long> ScheduleMessageAsync(
        ServiceBusMessage message, DateTimeOffset scheduledEnqueueTime, CancellationToken cancellationToken = default) =>
        (await ScheduleMessagesAsync([message], scheduledEnqueueTime, cancellationToken))[0];

    public override Task<IReadOnlyList<long>> ScheduleMessagesAsync(
        IEnumerable<ServiceBusMessage> messages, DateTimeOffset scheduledEnqueueTime, CancellationToken cancellationToken = default)
    {
        var all = messages.ToList();
        foreach (var message in all)
            message.ScheduledEnqueueTime = scheduledEnqueueTime;
        return SendAsync(all, cancellationToken);
    }

    public override Task CancelScheduledMessageAsync(long sequenceNumber, CancellationToken cancellationToken = default) =>
        CancelScheduledMessagesAsync([sequenceNumber], cancellationToken);

    public override Task CancelScheduledMessagesAsync(IEnumerable<long> sequenceNumbers, CancellationToken cancellationToken = default) =>
        OfficialErrors.Official(() => broker().CancelScheduled(path, sequenceNumbers.ToList(), AmbientTransaction.Of(broker())));

    public override Task CloseAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<IReadOnlyList<long>> SendAsync(IReadOnlyList<ServiceBusMessage> messages, CancellationToken cancellationToken) =>
        OfficialErrors.Official(() => broker().SendAsync(path, [.. messages.Select(ToSend)], AmbientTransaction.Of(broker()), cancellationToken));

    internal static MessageToSend ToSend(ServiceBusMessage message)
    {
        var sent = new MessageToSend(BinaryData.FromBytes(message.Body.ToArray()))
        {
            MessageId = message.MessageId,
            SessionId = message.SessionId,
            PartitionKey = message.PartitionKey,
            ReplyToSessionId = message.ReplyToSessionId,
            TransactionPartitionKey = message.TransactionPartitionKey,
            TimeToLive = message.TimeToLive,
            CorrelationId = message.CorrelationId,
            Subject = message.Subject,
            To = message.To,
            ContentType = message.ContentType,
            ReplyTo = message.ReplyTo,
            ScheduledEnqueueTime = message.ScheduledEnqueueTime,
        };
        foreach (var (name, value) in message.ApplicationProperties)
            sent.ApplicationProperties[name] = value;
        return sent;
    }
}
