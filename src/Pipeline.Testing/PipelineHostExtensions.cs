using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ServiceBus;
using Pipeline.Consumers;
using Pipeline.Local.ServiceBus;
using Pipeline.Local.Testing;
using Pipeline.Messages;
using Pipeline.Testing.Messages;

namespace Pipeline.Testing;

/// <summary>Tests of consumers on a <see cref="PipelineHost"/>, which runs the functions with their triggers.</summary>
public static class PipelineHostExtensions
{
    private static readonly ConditionalWeakTable<PipelineHost, TestMessages> Messages = [];

    /// <summary>
    /// Sends one message to the queue or subscription of one consumer, as the sender's relay would: a CloudEvent with the next sequence of its
    /// source and subject. Then waits until the host is quiet. An event for a consumer by Event Grid is published to the topic, for all its subscriptions.
    /// </summary>
    /// <param name="host">The host.</param>
    /// <param name="consumer">The consumer.</param>
    /// <param name="message">The record of an event, command or reply.</param>
    /// <param name="attributes">Attributes of the event. Default: as a relay chooses them.</param>
    /// <returns>What continues only when time passes, as <see cref="PipelineHost.WaitUntilQuietAsync"/> returns it.</returns>
    /// <exception cref="ArgumentException">The record is not in the catalog, breaks its contract, or the consumer has no handler for it.</exception>
    public static async Task<IReadOnlyList<PendingWork>> DeliverAsync(
        this PipelineHost host, Consumer consumer, object message, EventAttributes? attributes = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(consumer);
        ArgumentNullException.ThrowIfNull(message);
        var catalog = CatalogOf(host);
        var type = CatalogLookup.TypeFor(consumer, host.Services.GetServices<Consumer>(), catalog, message.GetType());
        var messages = Messages.GetValue(host, h => new TestMessages(h.Platform.TimeProvider));
        var made = messages.Of(type, message, attributes ?? new());
        if (consumer.EventGridSubscription is not null)
            await host.EventGrid.PublishAsync(made.Event);
        else
            await new ServiceBusMessageSender(host.ServiceBus.Client).SendAsync(consumer.Destination, [messages.To(consumer.Name, made)], CancellationToken.None);
        return await host.WaitUntilQuietAsync();
    }

    /// <summary>Gets what the app has sent of one contract, in the order in which it was sent. What <see cref="DeliverAsync"/> delivers and what is replayed is not in it.</summary>
    /// <typeparam name="T">The record of the event, command or reply.</typeparam>
    /// <param name="host">The host.</param>
    /// <exception cref="ArgumentException">The record is not in the catalog.</exception>
    /// <exception cref="InvalidOperationException">The data of a message was too large for it.</exception>
    public static IReadOnlyList<PublishedMessage<T>> Published<T>(this PipelineHost host)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(host);
        var sent = host.ServiceBus.Sent
            .Where(s => s.Message.ApplicationProperties.TryGetValue(BrokerTopic.ReplayForProperty, out var replayFor) && replayFor is OutgoingMessage.Everyone)
            .Select(s => new SentMessage(s.Entity, s.Message.Body.ToMemory(), s.Message.ScheduledEnqueueTime == default ? null : s.Message.ScheduledEnqueueTime));
        return PublishedMessages.Of<T>(sent, CatalogOf(host), _ => null);
    }

    private static MessageCatalog CatalogOf(PipelineHost host) => host.Services.GetService<MessageCatalog>()
        ?? throw new InvalidOperationException("The app of this host has no pipeline: call builder.Services.AddPipeline(...) in PipelineHostOptions.Configure.");
}
