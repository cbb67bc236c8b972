using System.Reflection;
using Azure.Messaging;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Local.Worker;

/// <summary>Runs a function for events that are posted to it.</summary>
internal sealed class EventGridFunctionTrigger(EventGridTriggerAttribute attribute) : FunctionTrigger
{
    public override string Description => "Event Grid";

    public bool IsBatched => attribute.IsBatched;

    public override string? ProblemWith(ParameterInfo triggerParameter)
    {
        var expected = IsBatched ? typeof(CloudEvent[]) : typeof(CloudEvent);
        return triggerParameter.ParameterType == expected
            ? null
            : $"AZFW0008: with IsBatched = {(IsBatched ? "true" : "false")} the parameter '{triggerParameter.Name}' must be a {expected.Name}" +
              $"; it is a {triggerParameter.ParameterType.Name}.";
    }
}
