using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Pipeline.Functions;

/// <summary>
/// One function per dead-letter queue, which has no sessions. The ledger is where dead letters live; the queue is only
/// where Service Bus keeps them until the intake has seen them.
/// </summary>
public sealed class IntakeFunctions(ConsumerRunners runners, TimeProvider clock, ILogger<IntakeFunctions> log)
{
    [Function("ordering-inventory-intake")]
    public Task OrderingToInventory(
        [ServiceBusTrigger(Names.Ordering, Names.Inventory + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Ordering + "/" + Names.Inventory, message, actions, cancellationToken);

    [Function("ordering-payments-intake")]
    public Task OrderingToPayments(
        [ServiceBusTrigger(Names.Ordering, Names.Payments + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Ordering + "/" + Names.Payments, message, actions, cancellationToken);

    [Function("ordering-shipping-intake")]
    public Task OrderingToShipping(
        [ServiceBusTrigger(Names.Ordering, Names.Shipping + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Ordering + "/" + Names.Shipping, message, actions, cancellationToken);

    [Function("inventory-ordering-intake")]
    public Task InventoryToOrdering(
        [ServiceBusTrigger(Names.Inventory, Names.Ordering + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Inventory + "/" + Names.Ordering, message, actions, cancellationToken);

    [Function("inventory-payments-intake")]
    public Task InventoryToPayments(
        [ServiceBusTrigger(Names.Inventory, Names.Payments + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Inventory + "/" + Names.Payments, message, actions, cancellationToken);

    [Function("payments-ordering-intake")]
    public Task PaymentsToOrdering(
        [ServiceBusTrigger(Names.Payments, Names.Ordering + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Payments + "/" + Names.Ordering, message, actions, cancellationToken);

    [Function("payments-shipping-intake")]
    public Task PaymentsToShipping(
        [ServiceBusTrigger(Names.Payments, Names.Shipping + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Payments + "/" + Names.Shipping, message, actions, cancellationToken);

    [Function("shipping-ordering-intake")]
    public Task ShippingToOrdering(
        [ServiceBusTrigger(Names.Shipping, Names.Ordering + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Shipping + "/" + Names.Ordering, message, actions, cancellationToken);

    [Function("stock-intake")]
    public Task Stock(
        [ServiceBusTrigger(Names.Stock + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Stock, message, actions, cancellationToken);

    [Function("reservations-intake")]
    public Task Reservations(
        [ServiceBusTrigger(Names.Reservations + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Reservations, message, actions, cancellationToken);

    [Function("ordering-analytics-intake")]
    public Task OrderingToAnalytics(
        [ServiceBusTrigger(Names.Ordering, Names.Analytics + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Ordering + "/" + Names.Analytics, message, actions, cancellationToken);

    [Function("analytics-reporting-intake")]
    public Task AnalyticsToReporting(
        [ServiceBusTrigger(Names.Analytics, Names.Reporting + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Analytics + "/" + Names.Reporting, message, actions, cancellationToken);

    [Function("ordering-reporting-intake")]
    public Task OrderingToReporting(
        [ServiceBusTrigger(Names.Ordering, Names.Reporting + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Ordering + "/" + Names.Reporting, message, actions, cancellationToken);

    [Function("notify-intake")]
    public Task Notify(
        [ServiceBusTrigger(Names.Notify + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Notify, message, actions, cancellationToken);

    [Function("webhooks-carrier-intake")]
    public Task WebhooksToCarrier(
        [ServiceBusTrigger(Names.Webhooks, Names.Carrier + Names.DeadLetterQueue, Connection = Names.ServiceBus)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Webhooks + "/" + Names.Carrier, message, actions, cancellationToken);

    private async Task HandleAsync(
        string consumer, ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellationToken)
    {
        var settlement = await runners.IntakeOf(consumer).HandleAsync(Settlements.DeliveryOf(message), cancellationToken);
        await Settlements.SettleAsync(settlement, message, actions, clock, log, cancellationToken);
    }
}
