using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs a function for the messages of a Service Bus queue or subscription.</summary>
[InputConverter(typeof(ServiceBusReceivedMessageConverter))]
[ConverterFallbackBehavior(ConverterFallbackBehavior.Default)]
public sealed class ServiceBusTriggerAttribute : TriggerBindingAttribute, ISupportCardinality
{
    /// <summary>Messages of a queue.</summary>
    /// <param name="queueName">The queue; <c>queue/$DeadLetterQueue</c> for its dead letters. May hold <c>%Setting%</c>.</param>
    public ServiceBusTriggerAttribute(string queueName) => QueueName = queueName;

    /// <summary>Messages of a topic's subscription.</summary>
    /// <param name="topicName">The topic; may hold <c>%Setting%</c>.</param>
    /// <param name="subscriptionName">The subscription; <c>subscription/$DeadLetterQueue</c> for its dead letters.</param>
    public ServiceBusTriggerAttribute(string topicName, string subscriptionName)
    {
        TopicName = topicName;
        SubscriptionName = subscriptionName;
    }

    /// <summary>Name of the setting that holds the connection string. Default <c>AzureWebJobsServiceBus</c>.</summary>
    public string? Connection { get; set; }

    /// <summary>The queue, unless this is a subscription.</summary>
    public string? QueueName { get; }

    /// <summary>The topic, unless this is a queue.</summary>
    public string? TopicName { get; }

    /// <summary>The subscription, unless this is a queue.</summary>
    public string? SubscriptionName { get; }

    /// <summary>Whether the entity requires sessions. Default <see langword="false"/>.</summary>
    public bool IsSessionsEnabled { get; set; }

    /// <summary>Whether the parameter is an array that takes many messages. Default <see langword="false"/>.</summary>
    [DefaultValue(false)]
    public bool IsBatched { get; set; }

    /// <summary>Whether a message that the function neither settled nor failed is completed. If not set here: as host.json says.</summary>
    public bool AutoCompleteMessages { get; set; }

    Cardinality ISupportCardinality.Cardinality
    {
        get => IsBatched ? Cardinality.Many : Cardinality.One;
        set => IsBatched = value == Cardinality.Many;
    }
}
