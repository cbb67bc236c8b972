using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Pipeline.Functions;

/// <summary>
/// One function per consumer: a delivery in, its settlement out. What it means is decided in <c>services/</c>. None of them takes
/// <see cref="ServiceBusSessionMessageActions"/>: the host finds those by session id alone, and several functions of a process
/// work on sessions of one id at a time.
/// </summary>
public sealed class ConsumerFunctions(ConsumerRunners runners, TimeProvider clock, ILogger<ConsumerFunctions> log)
{
    [Function("ordering-inventory")]
    public Task OrderingToInventory(
        [ServiceBusTrigger(Names.Ordering, Names.Inventory, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Ordering + "/" + Names.Inventory, message, actions, cancellationToken);

    [Function("ordering-payments")]
    public Task OrderingToPayments(
        [ServiceBusTrigger(Names.Ordering, Names.Payments, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Ordering + "/" + Names.Payments, message, actions, cancellationToken);

    [Function("ordering-shipping")]
    public Task OrderingToShipping(
        [ServiceBusTrigger(Names.Ordering, Names.Shipping, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Ordering + "/" + Names.Shipping, message, actions, cancellationToken);

    [Function("inventory-ordering")]
    public Task InventoryToOrdering(
        [ServiceBusTrigger(Names.Inventory, Names.Ordering, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Inventory + "/" + Names.Ordering, message, actions, cancellationToken);

    [Function("inventory-payments")]
    public Task InventoryToPayments(
        [ServiceBusTrigger(Names.Inventory, Names.Payments, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Inventory + "/" + Names.Payments, message, actions, cancellationToken);

    [Function("payments-ordering")]
    public Task PaymentsToOrdering(
        [ServiceBusTrigger(Names.Payments, Names.Ordering, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Payments + "/" + Names.Ordering, message, actions, cancellationToken);

    [Function("payments-shipping")]
    public Task PaymentsToShipping(
        [ServiceBusTrigger(Names.Payments, Names.Shipping, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Payments + "/" + Names.Shipping, message, actions, cancellationToken);

    [Function("shipping-ordering")]
    public Task ShippingToOrdering(
        [ServiceBusTrigger(Names.Shipping, Names.Ordering, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Shipping + "/" + Names.Ordering, message, actions, cancellationToken);

    [Function("stock")]
    public Task Stock(
        [ServiceBusTrigger(Names.Stock, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Stock, message, actions, cancellationToken);

    [Function("reservations")]
    public Task Reservations(
        [ServiceBusTrigger(Names.Reservations, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Reservations, message, actions, cancellationToken);

    /// <summary>Replays only: the events themselves come by Event Grid.</summary>
    [Function("notify-replays")]
    public Task NotifyReplays(
        [ServiceBusTrigger(Names.Notify, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Notify, message, actions, cancellationToken);

    [Function("webhooks-carrier")]
    public Task WebhooksToCarrier(
        [ServiceBusTrigger(Names.Webhooks, Names.Carrier, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Webhooks + "/" + Names.Carrier, message, actions, cancellationToken);

    private async Task HandleAsync(
        string consumer,
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken)
    {
        var settlement = await runners.RunnerOf(consumer).HandleAsync(Settlements.DeliveryOf(message), cancellationToken);
        await Settlements.SettleAsync(settlement, message, actions, clock, log, cancellationToken);
    }
}
