using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Pipeline.Consumers;
using Pipeline.Operations;

namespace Pipeline.Functions;

/// <summary>Between the broker's types and the pipeline's: reads a delivery, carries out what became of it.</summary>
internal static class Settlements
{
    /// <summary>Longer than the lock duration: whoever reaches the broker for nothing that long does not renew the lock either.</summary>
    private static readonly TimeSpan _settlePatience = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan _giveBackPatience = TimeSpan.FromSeconds(30);
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

    /// <summary>A message that was only looked at.</summary>
    public static WaitingMessage WaitingMessageOf(ServiceBusReceivedMessage message) => new(
        message.MessageId,
        message.ApplicationProperties.TryGetValue(ServiceBusMessageSender.TypeProperty, out var type) ? type as string : null,
        message.SessionId,
        message.EnqueuedTime,
        message.DeliveryCount);

    /// <summary>A body that is no AMQP data section (a JMS text, say) cannot be had that way; it becomes an unreadable message.</summary>
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
    /// Carries out a settlement, by the message's own lock token. A message that is neither settled nor given back must not be left:
    /// the host would go on to the next one of its session. So this tries for as long as that may help, under lock renewal.
    /// </summary>
    /// <exception cref="InvalidOperationException">Nothing worked: let it through, so that the host itself abandons the message.</exception>
    public static async Task SettleAsync(
        Settlement settlement, ServiceBusReceivedMessage message, ServiceBusMessageActions actions, TimeProvider clock, ILogger log, CancellationToken cancellationToken)
    {
        // Not cancelled with the host: what was decided is settled. Only the waiting between attempts ends with it.
        var failure = await TryAsync(() => ActAsync(settlement, message, actions), clock, _settlePatience, cancellationToken);
        if (failure is not null && !IsLockLost(failure) && settlement.Kind is SettlementKind.Complete or SettlementKind.DeadLetter)
        {
            // Given back it comes again, first of its session, and its inbox record or ledger entry tells what became of it.
            log.LogWarning(failure, "Message {MessageId} could not be settled ({Settlement}); it is given back.", message.MessageId, settlement.Kind);
            failure = await TryAsync(() => ActAsync(settlement with { Kind = SettlementKind.GiveBack }, message, actions), clock, _giveBackPatience, cancellationToken);
        }

        if (failure is null)
            return;
        if (!IsLockLost(failure))
            throw new InvalidOperationException($"Message '{message.MessageId}' could be neither settled nor given back; the host abandons it.", failure);

        // A session's lock is lost with that of its message, so no message of it can be handled here before the broker delivers
        // this one again.
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

    /// <summary>Tries until it works, the lock is lost or the patience is used up; the last failure, or <see langword="null"/>.</summary>
    private static async Task<Exception?> TryAsync(Func<Task> act, TimeProvider clock, TimeSpan patience, CancellationToken cancellationToken)
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
                if (IsLockLost(e) || clock.GetElapsedTime(started) > patience || cancellationToken.IsCancellationRequested)
                    return e;
            }

            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Known by its text: the exception's type is another one in Azure (<c>RpcException</c>) than here. Azure says FailedPrecondition
    /// when the invocation is over for the host, which has let go of the message then. What is not recognised is tried again for nothing.
    /// </summary>
    private static bool IsLockLost(Exception e) =>
        e.Message.Contains("LockLost", StringComparison.Ordinal) || e.Message.Contains("FailedPrecondition", StringComparison.Ordinal);

    /// <summary>Service Bus takes 4,096 characters.</summary>
    private static string? Shorten(string? text) => text is { Length: > 1024 } ? text[..1024] : text;
}
