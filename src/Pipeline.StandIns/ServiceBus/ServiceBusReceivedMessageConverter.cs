using Azure.Core.Amqp;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Core;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Makes messages of what the host sends of each: its lock token, then the message as encoded for AMQP.</summary>
[SupportsDeferredBinding]
[SupportedTargetType(typeof(ServiceBusReceivedMessage))]
[SupportedTargetType(typeof(ServiceBusReceivedMessage[]))]
internal sealed class ServiceBusReceivedMessageConverter : IInputConverter
{
    private const int LockTokenBytes = 16;

    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) => ValueTask.FromResult(context.Source switch
    {
        ModelBindingData one => ConversionResult.Success(MessageOf(one)),
        CollectionModelBindingData many => ConversionResult.Success(Array.ConvertAll(many.ModelBindingData, MessageOf)),
        _ => ConversionResult.Unhandled(),
    });

    private static ServiceBusReceivedMessage MessageOf(ModelBindingData data)
    {
        var content = data.Content.ToMemory();
        return ServiceBusReceivedMessage.FromAmqpMessage(
            AmqpAnnotatedMessage.FromBytes(BinaryData.FromBytes(content[LockTokenBytes..])), BinaryData.FromBytes(content[..LockTokenBytes]));
    }
}
