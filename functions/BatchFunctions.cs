using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Pipeline.Functions;

/// <summary>
/// Order-free consumers on subscriptions without sessions: many messages an invocation, those of one partition handled in
/// one commit. Each message is settled by itself, so that a bad one fails alone.
/// </summary>
public sealed class BatchFunctions(ConsumerRunners runners, TimeProvider clock, ILogger<BatchFunctions> log)
{
    [Function("ordering-analytics")]
    public Task OrderingToAnalytics(
        [ServiceBusTrigger(Names.Ordering, Names.Analytics, Connection = Names.ServiceBus, IsBatched = true)] ServiceBusReceivedMessage[] messages,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Ordering + "/" + Names.Analytics, messages, actions, cancellationToken);

    [Function("analytics-reporting")]
    public Task AnalyticsToReporting(
        [ServiceBusTrigger(Names.Analytics, Names.Reporting, Connection = Names.ServiceBus, IsBatched = true)] ServiceBusReceivedMessage[] messages,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Analytics + "/" + Names.Reporting, messages, actions, cancellationToken);

    [Function("ordering-reporting")]
    public Task OrderingToReporting(
        [ServiceBusTrigger(Names.Ordering, Names.Reporting, Connection = Names.ServiceBus, IsBatched = true)] ServiceBusReceivedMessage[] messages,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Ordering + "/" + Names.Reporting, messages, actions, cancellationToken);

    private async Task HandleAsync(
        string consumer, ServiceBusReceivedMessage[] messages, ServiceBusMessageActions actions, CancellationToken cancellationToken)
    {
        var settlements = await runners.RunnerOf(consumer).HandleBatchAsync([.. messages.Select(Settlements.DeliveryOf)], cancellationToken);
        await Task.WhenAll(messages.Select((message, i) => Settlements.SettleAsync(settlements[i], message, actions, clock, log, cancellationToken)));
    }
}
