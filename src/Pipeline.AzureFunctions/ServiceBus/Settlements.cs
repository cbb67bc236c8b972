using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.Operations;

namespace Pipeline.AzureFunctions.ServiceBus;

/// <summary>Converts the broker's messages into the pipeline's, and carries out settlements.</summary>
internal static class Settlements
{
    /// <summary>Longer than the lock duration: if the broker is unavailable that long, the lock is not renewed either.</summary>
    private static readonly TimeSpan _settleTimeout = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan _giveBackTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(3.2);

    public static ReceivedMessage DeliveryOf(ServiceBusReceivedMessage message) => new()
    {
        Body = BodyOf(message),
        SessionId = message.SessionId,
        MessageId = message.MessageId,
        DeliveryCount = message.DeliveryCount,
        EnqueuedAt = message.EnqueuedTime,
        Properties = message.ApplicationProperties.ToDictionary(p => p.Key, p => Convert.ToString(p.Value, CultureInfo.InvariantCulture) ?? "", StringComparer.Ordinal),
        DeadLetterReason = message.DeadLetterReason,
        DeadLetterDescription = message.DeadLetterErrorDescription,
    };

    /// <summary>Converts a peeked message.</summary>
    public static WaitingMessage WaitingMessageOf(ServiceBusReceivedMessage message) => new(
        message.MessageId,
        message.ApplicationProperties.TryGetValue(ServiceBusMessageSender.TypeProperty, out var type) ? type as string : null,
        message.SessionId,
        message.EnqueuedTime,
        message.DeliveryCount);

    /// <summary>A body that is not an AMQP data section (such as a JMS text) cannot be read; it becomes an unreadable message.</summary>
    private static ReadOnlyMemory<byte> BodyOf(ServiceBusReceivedMessage message)
    {
        try
        {
            return message.Body.ToMemory();
        }
        catch (NotSupportedException)
        {
            return default;
        }
    }

    /// <summary>
    /// Carries out a settlement with the lock token of the message. A message must be settled or given back, because the host would
    /// otherwise continue with the next one of its session. So this retries as long as it can succeed, while the lock is renewed.
    /// </summary>
    /// <exception cref="InvalidOperationException">All attempts failed; do not catch it, so that the host abandons the message.</exception>
    public static async Task SettleAsync(
        Settlement settlement, ServiceBusReceivedMessage message, ServiceBusMessageActions actions, TimeProvider clock, ILogger log, CancellationToken cancellationToken)
    {
        // Not cancelled with the host: a decision is always settled. Only the pauses between attempts end with it.
        var failure = await TryAsync(() => ActAsync(settlement, message, actions), clock, _settleTimeout, cancellationToken);
        if (failure is not null && !IsLockLost(failure) && settlement.Kind is SettlementKind.Complete or SettlementKind.DeadLetter)
        {
            // A message that is given back is the next of its session, and its inbox record or dead letter shows what was done.
            log.LogWarning(failure, "Message {MessageId} could not be settled ({Settlement}); it is given back.", message.MessageId, settlement.Kind);
            failure = await TryAsync(() => ActAsync(settlement with { Kind = SettlementKind.GiveBack }, message, actions), clock, _giveBackTimeout, cancellationToken);
        }

        if (failure is null)
            return;
        if (!IsLockLost(failure))
            throw new InvalidOperationException($"Message '{message.MessageId}' could be neither settled nor given back; the host abandons it.", failure);

        // The session's lock is lost with that of its message, so no later message of it can be handled here before the broker
        // delivers this one again.
        log.LogWarning(failure, "The lock of message {MessageId} is lost ({Settlement}); it will be delivered again, unless it was settled.", message.MessageId, settlement.Kind);
    }

    private static Task ActAsync(Settlement settlement, ServiceBusReceivedMessage message, ServiceBusMessageActions actions) => settlement.Kind switch
    {
        SettlementKind.Complete => actions.CompleteMessageAsync(message, CancellationToken.None),
        SettlementKind.DeadLetter => actions.DeadLetterMessageAsync(
            message, null, settlement.Reason, Shorten(settlement.Description), CancellationToken.None),
        SettlementKind.GiveBack => actions.AbandonMessageAsync(message, DeliveryOf(message).GiveBackProperties(), CancellationToken.None),
        _ => actions.AbandonMessageAsync(message, null, CancellationToken.None),
    };

    /// <summary>Retries until success, a lost lock or the timeout; returns the last failure, or <see langword="null"/>.</summary>
    private static async Task<Exception?> TryAsync(Func<Task> act, TimeProvider clock, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        for (var pause = _firstPause; ; pause = pause < _longestPause ? pause * 2 : pause)
        {
            try
            {
                await act();
                return null;
            }
            catch (Exception e)
            {
                if (IsLockLost(e) || clock.GetElapsedTime(started) > timeout || cancellationToken.IsCancellationRequested)
                    return e;
            }

            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Recognised by the text, because the type of the exception differs in Azure (<c>RpcException</c>). Azure reports FailedPrecondition
    /// when the invocation has ended for the host, which has then released the message. Other failures are retried in vain.
    /// </summary>
    private static bool IsLockLost(Exception e) =>
        e.Message.Contains("LockLost", StringComparison.Ordinal) || e.Message.Contains("FailedPrecondition", StringComparison.Ordinal);

    /// <summary>Service Bus takes 4,096 characters.</summary>
    private static string? Shorten(string? text) => text is { Length: > 1024 } ? text[..1024] : text;
}
