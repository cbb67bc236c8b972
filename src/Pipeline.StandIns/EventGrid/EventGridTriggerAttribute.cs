using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs a function for the events that an Event Grid subscription delivers.</summary>
[InputConverter(typeof(EventGridCloudEventConverter))]
[ConverterFallbackBehavior(ConverterFallbackBehavior.Default)]
public sealed class EventGridTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>Whether the parameter is an array that takes all events of one delivery. Default <see langword="false"/>.</summary>
    [DefaultValue(false)]
    public bool IsBatched { get; set; }
}
