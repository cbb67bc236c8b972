using Azure.Core.Amqp;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using Pipeline.Local.ServiceBus.Amqp;

namespace Pipeline.Testing.ServiceBus;

/// <summary>Deliveries of the broker as the official client makes them: by way of AMQP, so that what is lost there is lost here.</summary>
internal static class ReceivedMessages
{
    public static ServiceBusReceivedMessage Of(BrokerDelivery delivery)
    {
        using var amqp = AmqpMessageEncoder.ToReceived(delivery);
        var message = AmqpAnnotatedMessage.FromBytes(BinaryData.FromBytes(AmqpMessageEncoder.Encode(amqp)));
        message.Header.DeliveryCount = (uint)delivery.DeliveryCount;
        return ServiceBusReceivedMessage.FromAmqpMessage(message, BinaryData.FromBytes(delivery.LockToken.ToByteArray()));
    }

    /// <summary>The token under which a function's message is locked.</summary>
    public static Guid LockTokenOf(ServiceBusReceivedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Guid.Parse(message.LockToken);
    }
}
