using System.Linq.Expressions;
using System.Reflection;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Worker;

/// <summary>Runs a function for the messages of a queue, a subscription, or the dead-letter queue of one.</summary>
internal sealed class ServiceBusFunctionTrigger : FunctionTrigger
{
    private const string DeadLetterSuffix = "/$DeadLetterQueue";

    private readonly ServiceBusTriggerAttribute _attribute;

    public ServiceBusFunctionTrigger(ServiceBusTriggerAttribute attribute, IConfiguration configuration, ServiceBusSettings settings)
    {
        _attribute = attribute;
        Settings = settings;
        ConnectionString = TriggerKinds.ConnectionString(configuration, attribute.Connection, "AzureWebJobsServiceBus");
        var last = Worker.Settings.Resolve(configuration, attribute.QueueName ?? attribute.SubscriptionName)!;
        var suffix = "";
        if (last.EndsWith(DeadLetterSuffix, StringComparison.OrdinalIgnoreCase))
        {
            suffix = DeadLetterSuffix;
            last = last[..^DeadLetterSuffix.Length];
            if (attribute.IsSessionsEnabled)
                throw new StartupException("IsSessionsEnabled on a dead-letter queue: dead-letter queues have no sessions.");
        }

        Description = Worker.Settings.Resolve(configuration, attribute.TopicName) is { } topic ? $"{topic}/{last}{suffix}" : last + suffix;
    }

    /// <summary>The queue, subscription or dead-letter queue, as the broker names it.</summary>
    public override string Description { get; }

    public ServiceBusSettings Settings { get; }

    public string ConnectionString { get; }

    public bool IsBatched => _attribute.IsBatched;

    public bool AutoComplete => _attribute.AutoCompleteIfSet ?? Settings.AutoCompleteMessages;

    /// <summary>Most messages of one invocation.</summary>
    public int MaxMessages => IsBatched ? Settings.MaxMessageBatchSize : 1;

    public override string? ProblemWith(ParameterInfo triggerParameter)
    {
        var expected = IsBatched ? typeof(ServiceBusReceivedMessage[]) : typeof(ServiceBusReceivedMessage);
        return triggerParameter.ParameterType == expected
            ? null
            : $"AZFW0008: with IsBatched = {(IsBatched ? "true" : "false")} the parameter '{triggerParameter.Name}' must be a {expected.Name}" +
              $"; it is a {triggerParameter.ParameterType.Name}.";
    }

    public override Expression? Argument(ParameterInfo parameter, Expression invocation)
    {
        var typed = Expression.Convert(invocation, typeof(ServiceBusInvocation));
        if (parameter.ParameterType == typeof(ServiceBusMessageActions))
            return Expression.Property(typed, nameof(ServiceBusInvocation.Actions));
        if (parameter.ParameterType != typeof(ServiceBusSessionMessageActions))
            return null;
        if (!_attribute.IsSessionsEnabled)
            throw new StartupException($"the parameter '{parameter.Name}' needs IsSessionsEnabled = true.");
        return Expression.Property(typed, nameof(ServiceBusInvocation.SessionActions));
    }

    public override ITriggerListener Listen(HostedFunction function, ListenerServices services) =>
        _attribute.IsSessionsEnabled
            ? new SessionListener(function, this, services)
            : new MessageListener(function, this, services);

    /// <summary>
    /// How long one receive or accept waits. Without an end where somebody watches: where a clock is moved by hand, asking again
    /// every minute would be most of what happens in a week.
    /// </summary>
    public TimeSpan Wait(HostWatch watch) => watch.Activity is null ? Settings.TryTimeout : Timeout.InfiniteTimeSpan;
}

/// <summary>A run for one message, or for a batch of them.</summary>
internal sealed class ServiceBusInvocation(
    HostedFunction function,
    ServiceBusReceivedMessage[] messages,
    bool isBatched,
    ServiceBusMessageActions actions,
    ServiceBusSessionMessageActions? sessionActions,
    CancellationToken cancellation)
    : Invocation(function, isBatched ? messages : messages[0], cancellation)
{
    public ServiceBusMessageActions Actions => actions;

    public ServiceBusSessionMessageActions? SessionActions => sessionActions;

    public override IReadOnlyDictionary<string, object?> BindingData => isBatched
        ? base.BindingData
        : new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase)
        {
            ["MessageId"] = messages[0].MessageId,
            ["SessionId"] = messages[0].SessionId,
            ["CorrelationId"] = messages[0].CorrelationId,
            ["DeliveryCount"] = messages[0].DeliveryCount,
            ["SequenceNumber"] = messages[0].SequenceNumber,
            ["LockToken"] = messages[0].LockToken,
        };
}
