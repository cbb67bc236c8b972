using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs a function for the events that an Event Grid subscription delivers.</summary>
public sealed class EventGridTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>Whether the parameter is an array that takes all events of one delivery.</summary>
    public bool IsBatched { get; set; }
}
