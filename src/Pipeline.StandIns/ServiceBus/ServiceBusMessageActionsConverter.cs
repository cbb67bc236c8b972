using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Azure.ServiceBus.Grpc;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Makes the actions of an invocation. They need nothing of it: messages are settled by their lock tokens.</summary>
[SupportsDeferredBinding]
[SupportedTargetType(typeof(ServiceBusMessageActions))]
internal sealed class ServiceBusMessageActionsConverter(Settlement.SettlementClient settlement) : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) =>
        ValueTask.FromResult(ConversionResult.Success(new ServiceBusMessageActions(settlement)));
}
