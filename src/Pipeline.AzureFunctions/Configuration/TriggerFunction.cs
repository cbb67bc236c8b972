using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.AzureFunctions.Configuration;

/// <summary>A function that messages, events or changes trigger.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Source">What triggers it.</param>
/// <param name="Path">
/// The queue or <c>topic/subscription</c>, perhaps with <c>/$DeadLetterQueue</c>; the container; nothing for Event Grid, which knows
/// functions only.
/// </param>
/// <param name="HasSessions">Whether it takes sessions.</param>
internal sealed record TriggerFunction(string Name, TriggerSource Source, string Path, bool HasSessions = false)
{
    /// <summary>What follows the path of an entity to name its dead-letter queue.</summary>
    public const string DeadLetterQueue = "/$DeadLetterQueue";

    /// <summary>Those of an app.</summary>
    public static IReadOnlyList<TriggerFunction> In(Assembly app) =>
    [
        .. from type in app.GetTypes()
           from method in type.GetMethods()
           let function = method.GetCustomAttribute<FunctionAttribute>()
           where function is not null
           from parameter in method.GetParameters()
           from attribute in parameter.GetCustomAttributes()
           let trigger = Of(function.Name, attribute)
           where trigger is not null
           select trigger,
    ];

    private static TriggerFunction? Of(string name, Attribute attribute) => attribute switch
    {
        ServiceBusTriggerAttribute bus =>
            new(name, TriggerSource.ServiceBus, bus.QueueName ?? $"{bus.TopicName}/{bus.SubscriptionName}", bus.IsSessionsEnabled),
        CosmosDBTriggerAttribute feed => new(name, TriggerSource.ChangeFeed, feed.ContainerName),
        EventGridTriggerAttribute => new(name, TriggerSource.EventGrid, ""),
        _ => null,
    };
}
