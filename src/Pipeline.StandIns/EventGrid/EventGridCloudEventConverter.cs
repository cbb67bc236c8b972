using System.Text.Json;
using Azure.Messaging;
using Microsoft.Azure.Functions.Worker.Converters;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Makes CloudEvents of the JSON that the host sends. The official package offers other types as well.</summary>
[SupportedTargetType(typeof(CloudEvent))]
[SupportedTargetType(typeof(CloudEvent[]))]
internal sealed class EventGridCloudEventConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context)
    {
        if (context.Source is not string json)
            return ValueTask.FromResult(ConversionResult.Unhandled());
        try
        {
            if (context.TargetType == typeof(CloudEvent))
                return ValueTask.FromResult(ConversionResult.Success(CloudEvent.Parse(BinaryData.FromString(json))));
            if (context.TargetType == typeof(CloudEvent[]))
                return ValueTask.FromResult(ConversionResult.Success(CloudEvent.ParseMany(BinaryData.FromString(json))));
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            return ValueTask.FromResult(ConversionResult.Failed(error));
        }

        return ValueTask.FromResult(ConversionResult.Unhandled());
    }
}
