using System.Text.Json;
using Azure.Messaging;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.AzureFunctions.EventGrid;
using Pipeline.AzureFunctions.ServiceBus;
using Pipeline.Consumers;
using Pipeline.Messages;
using Pipeline.Testing.Faults;
using SettlementKind = Pipeline.Consumers.SettlementKind;

namespace Pipeline.Testing.Simulated;

/// <summary>Takes messages from the broker to the consumers of a process, and settles them, as the triggers do.</summary>
internal sealed class ConsumerDriver(SimulatedPlatform platform, IServiceProvider provider, FaultPlan plan)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    private readonly ServiceBusClient _serviceBus = provider.GetRequiredService<ServiceBusClient>();
    private readonly ConsumerRunners _runners = provider.GetRequiredService<ConsumerRunners>();

    /// <summary>Handles what waits for one consumer, session by session. False if nothing did.</summary>
    public async Task<bool> ConsumeAsync(string consumer)
    {
        if (!platform.Entities.HasSessions(consumer))
            return await ConsumeBatchesAsync(consumer);
        var progress = false;
        while (platform.Broker.Counts(consumer).Active > 0)
        {
            var session = consumer.Split('/') is [var topic, var subscription]
                ? await _serviceBus.AcceptNextSessionAsync(topic, subscription)
                : await _serviceBus.AcceptNextSessionAsync(consumer);
            while (await session.ReceiveMessageAsync(Wait) is { } message)
            {
                progress = true;
                await HandleAsync(consumer, session, message);
            }

            // Not in a finally: a process that died in between closes nothing.
            await session.DisposeAsync();
        }

        return progress;
    }

    /// <summary>Empties a consumer's dead-letter queue. False if it was empty.</summary>
    public async Task<bool> TakeInAsync(string consumer)
    {
        if (platform.Broker.Counts(consumer).DeadLettered == 0)
            return false;
        var receiver = ReceiverOf(consumer, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        while (await receiver.ReceiveMessageAsync(Wait) is { } message)
        {
            var settlement = await _runners.DeadLetterQueueProcessorOf(consumer).HandleAsync(Settlements.DeliveryOf(message), CancellationToken.None);
            await SettleAsync($"settle {consumer} dead-letter queue {settlement.Kind}", receiver, message, settlement);
        }

        await receiver.DisposeAsync();
        return true;
    }

    /// <summary>Delivers what waits in Event Grid; what is not handled stays there.</summary>
    public async Task<bool> DeliverEventsAsync()
    {
        var progress = false;
        var triggers = provider.GetRequiredService<EventGridTriggers>();
        foreach (var waiting in platform.EventGrid.Waiting())
        {
            try
            {
                await plan.RunAsync("deliver " + waiting.Event.Id, async () =>
                {
                    await triggers.HandleEventAsync(waiting.Consumer, waiting.Event, CancellationToken.None);
                    return true;
                });
                platform.EventGrid.Delivered(waiting);
                progress = true;
            }
            catch (InvalidOperationException)
            {
                // Event Grid delivers it again.
            }
        }

        return progress;
    }

    /// <summary>Delivers one message to one consumer, which handles what waits before it first.</summary>
    public async Task<Settlement> DeliverAsync(Consumer consumer, OutgoingMessage message, CloudEvent cloudEvent)
    {
        if (consumer.EventGridSubscription is not null)
            return await DeliverEventAsync(consumer, cloudEvent);
        await using var sender = platform.Client();
        await new ServiceBusMessageSender(sender).SendAsync(consumer.Destination, [message], CancellationToken.None);
        var receiver = platform.Entities.HasSessions(consumer.Name) ? await SessionOf(consumer.Name, message.SessionId) : ReceiverOf(consumer.Name, new());
        while (await receiver.ReceiveMessageAsync(Wait) is { } received)
        {
            var settlement = await HandleAsync(consumer.Name, receiver, received);
            if (received.MessageId != message.MessageId)
                continue;
            await receiver.DisposeAsync();
            return settlement;
        }

        throw new InvalidOperationException(
            $"'{consumer.Name}' did not get the message that was sent to '{consumer.Destination}'. Its subscription in TopologyPath has no rule for messages to it alone: give it \"types\".");
    }

    private async Task<Settlement> DeliverEventAsync(Consumer consumer, CloudEvent cloudEvent)
    {
        platform.EventGrid.Add(consumer.Name, cloudEvent);
        var settlement = await plan.RunAsync("deliver " + cloudEvent.Id, () => _runners.RunnerOf(consumer.Name).HandleAsync(
            new ReceivedMessage { Body = JsonSerializer.SerializeToUtf8Bytes(cloudEvent), SessionId = cloudEvent.Subject, MessageId = cloudEvent.Id, DeliveryCount = 0 },
            CancellationToken.None));
        if (settlement.Kind is SettlementKind.Complete or SettlementKind.DeadLetter)
            platform.EventGrid.Delivered(new WaitingEvent(consumer.Name, cloudEvent));
        return settlement;
    }

    /// <summary>Handles what waits in a subscription without sessions, many messages at a time.</summary>
    private async Task<bool> ConsumeBatchesAsync(string consumer)
    {
        if (platform.Broker.Counts(consumer).Active == 0)
            return false;
        var receiver = ReceiverOf(consumer, new());
        while (await receiver.ReceiveMessagesAsync(20, Wait) is { Count: > 0 } messages)
            await HandleAsync(consumer, receiver, messages);
        await receiver.DisposeAsync();
        return true;
    }

    private async Task<Settlement> HandleAsync(string consumer, ServiceBusReceiver receiver, ServiceBusReceivedMessage message)
    {
        if (!platform.Entities.HasSessions(consumer))
            return (await HandleAsync(consumer, receiver, [message]))[0];
        var settlement = await _runners.RunnerOf(consumer).HandleAsync(Settlements.DeliveryOf(message), CancellationToken.None);
        await SettleAsync($"settle {consumer} {settlement.Kind}", receiver, message, settlement);
        return settlement;
    }

    private async Task<IReadOnlyList<Settlement>> HandleAsync(string consumer, ServiceBusReceiver receiver, IReadOnlyList<ServiceBusReceivedMessage> messages)
    {
        var settlements = await _runners.RunnerOf(consumer).HandleBatchAsync([.. messages.Select(Settlements.DeliveryOf)], CancellationToken.None);
        for (var i = 0; i < messages.Count; i++)
            await SettleAsync($"settle {consumer} {settlements[i].Kind}", receiver, messages[i], settlements[i]);
        return settlements;
    }

    private Task<bool> SettleAsync(string operation, ServiceBusReceiver receiver, ServiceBusReceivedMessage message, Settlement settlement) =>
        plan.RunAsync(operation, async () =>
        {
            await SettleAsync(receiver, message, settlement);
            return true;
        });

    private static Task SettleAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message, Settlement settlement) => settlement.Kind switch
    {
        SettlementKind.Complete => receiver.CompleteMessageAsync(message),
        SettlementKind.DeadLetter => receiver.DeadLetterMessageAsync(message, settlement.Reason, settlement.Description),
        SettlementKind.GiveBack => receiver.AbandonMessageAsync(message, Settlements.DeliveryOf(message).GiveBackProperties()),
        _ => receiver.AbandonMessageAsync(message),
    };

    private ServiceBusReceiver ReceiverOf(string consumer, ServiceBusReceiverOptions options) => consumer.Split('/') is [var topic, var subscription]
        ? _serviceBus.CreateReceiver(topic, subscription, options)
        : _serviceBus.CreateReceiver(consumer, options);

    private async Task<ServiceBusReceiver> SessionOf(string consumer, string session) => consumer.Split('/') is [var topic, var subscription]
        ? await _serviceBus.AcceptSessionAsync(topic, subscription, session)
        : await _serviceBus.AcceptSessionAsync(consumer, session);
}
