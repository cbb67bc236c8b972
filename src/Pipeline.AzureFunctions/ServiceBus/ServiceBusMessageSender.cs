using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Pipeline.Messages;

namespace Pipeline.AzureFunctions.ServiceBus;

/// <summary>Sends messages to Service Bus, packed into batches as its size limits allow, in order.</summary>
internal sealed class ServiceBusMessageSender(ServiceBusClient client) : IMessageSender
{
    /// <summary>Application property with the CloudEvents type.</summary>
    public const string TypeProperty = "cloudEvents_type";

    private readonly ConcurrentDictionary<string, ServiceBusSender> _senders = new(StringComparer.Ordinal);

    public async Task SendAsync(string destination, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var sender = _senders.GetOrAdd(destination, client.CreateSender);
        try
        {
            if (messages.Count == 1)
            {
                await sender.SendMessageAsync(MessageOf(messages[0]), cancellationToken);
                return;
            }

            var next = 0;
            while (next < messages.Count)
            {
                using var batch = await sender.CreateMessageBatchAsync(cancellationToken);
                while (next < messages.Count && batch.TryAddMessage(MessageOf(messages[next])))
                    next++;
                if (batch.Count == 0)
                    throw new MessageRefusedException($"The message '{messages[next].MessageId}' is too large for '{destination}'.");
                await sender.SendMessagesAsync(batch, cancellationToken);
            }
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessageSizeExceeded)
        {
            throw new MessageRefusedException(e.Message, e);
        }
        catch (ServiceBusException e) when (e.Reason is ServiceBusFailureReason.MessagingEntityNotFound
            or ServiceBusFailureReason.MessagingEntityDisabled or ServiceBusFailureReason.QuotaExceeded)
        {
            throw new DestinationUnavailableException(e.Message, e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException and not ObjectDisposedException)
        {
            // What the SDK or the broker calls invalid stays invalid: over-long ids, a missing session.
            throw new MessageRefusedException(e.Message, e);
        }
    }

    private static ServiceBusMessage MessageOf(OutgoingMessage outgoing)
    {
        var message = new ServiceBusMessage(outgoing.Body)
        {
            MessageId = outgoing.MessageId,
            SessionId = outgoing.SessionId,
            ContentType = "application/cloudevents+json",
        };

        if (outgoing.NotBefore is { } notBefore)
            message.ScheduledEnqueueTime = notBefore;

        // CloudEvents AMQP binding 1.0.2, section 3.2: attributes as properties, prefix "cloudEvents_". The body has them
        // all; only what rules filter on stands here too.
        var properties = message.ApplicationProperties;
        if (outgoing.Type is { } type)
            properties[TypeProperty] = type;
        properties["replayfor"] = outgoing.ReplayFor;
        if (outgoing.TraceParent is { } traceParent)
            properties["Diagnostic-Id"] = traceParent;
        if (outgoing.Properties is { } more)
        {
            foreach (var (name, value) in more)
                properties[name] = value;
        }

        return message;
    }
}
