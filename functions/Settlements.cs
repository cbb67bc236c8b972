using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Pipeline.Consumers;

namespace Pipeline.Functions;

/// <summary>Between the broker's types and the pipeline's: reads a delivery, carries out what became of it.</summary>
internal static class Settlements
{
    public static Delivery DeliveryOf(ServiceBusReceivedMessage message) => new()
    {
        Body = BodyOf(message),
        SessionId = message.SessionId,
        MessageId = message.MessageId,
        DeliveryCount = message.DeliveryCount,
        EnqueuedAt = message.EnqueuedTime,
        Properties = message.ApplicationProperties.ToDictionary(p => p.Key, p => p.Value?.ToString() ?? "", StringComparer.Ordinal),
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

    public static async Task SettleAsync(
        Settlement settlement, ServiceBusReceivedMessage message, ServiceBusMessageActions actions, ServiceBusSessionMessageActions? session, ILogger log)
    {
        // Not cancelled with the host: what was decided is settled, or the message comes again and is taken for what it is.
        try
        {
            switch (settlement.Kind)
            {
                case SettlementKind.Complete:
                    await actions.CompleteMessageAsync(message, CancellationToken.None);
                    break;
                case SettlementKind.DeadLetter:
                    await actions.DeadLetterMessageAsync(
                        message, null, settlement.Reason, Shorten(settlement.Description), CancellationToken.None);
                    break;
                case SettlementKind.ReleaseSession when session is not null:
                    await session.ReleaseSession(CancellationToken.None);
                    break;
                default:
                    await actions.AbandonMessageAsync(message, null, CancellationToken.None);
                    break;
            }
        }
        catch (Exception e)
        {
            // The lock was lost, most likely: the message will come again, and its inbox record or ledger entry is there.
            log.LogWarning(e, "Message {MessageId} could not be settled ({Settlement}); it will be delivered again.", message.MessageId, settlement.Kind);
            if (session is not null)
                await ReleaseAsync(session, log);
        }
    }

    /// <summary>Nothing behind the unsettled message may overtake it.</summary>
    private static async Task ReleaseAsync(ServiceBusSessionMessageActions session, ILogger log)
    {
        try
        {
            await session.ReleaseSession(CancellationToken.None);
        }
        catch (Exception e)
        {
            log.LogDebug(e, "The session was lost already.");
        }
    }

    /// <summary>Service Bus takes 4,096 characters.</summary>
    private static string? Shorten(string? text) => text is { Length: > 1024 } ? text[..1024] : text;
}
