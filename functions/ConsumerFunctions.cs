using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Pipeline.Functions;

/// <summary>One function per consumer: a delivery in, its settlement out. What it means is decided in <c>services/</c>.</summary>
public sealed class ConsumerFunctions(ConsumerRunners runners, ILogger<ConsumerFunctions> log)
{
    [Function("ordering-inventory")]
    public Task OrderingToInventory(
        [ServiceBusTrigger(Names.Ordering, Names.Inventory, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Ordering + "/" + Names.Inventory, message, actions, session, cancellationToken);

    [Function("ordering-payments")]
    public Task OrderingToPayments(
        [ServiceBusTrigger(Names.Ordering, Names.Payments, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Ordering + "/" + Names.Payments, message, actions, session, cancellationToken);

    [Function("inventory-ordering")]
    public Task InventoryToOrdering(
        [ServiceBusTrigger(Names.Inventory, Names.Ordering, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Inventory + "/" + Names.Ordering, message, actions, session, cancellationToken);

    [Function("inventory-payments")]
    public Task InventoryToPayments(
        [ServiceBusTrigger(Names.Inventory, Names.Payments, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Inventory + "/" + Names.Payments, message, actions, session, cancellationToken);

    [Function("payments-ordering")]
    public Task PaymentsToOrdering(
        [ServiceBusTrigger(Names.Payments, Names.Ordering, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Payments + "/" + Names.Ordering, message, actions, session, cancellationToken);

    [Function("stock")]
    public Task Stock(
        [ServiceBusTrigger(Names.Stock, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Stock, message, actions, session, cancellationToken);

    [Function("reservations")]
    public Task Reservations(
        [ServiceBusTrigger(Names.Reservations, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Reservations, message, actions, session, cancellationToken);

    /// <summary>Replays only: the events themselves come by Event Grid.</summary>
    [Function("notify-replays")]
    public Task NotifyReplays(
        [ServiceBusTrigger(Names.Notify, Connection = Names.ServiceBus, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session,
        CancellationToken cancellationToken) =>
        HandleAsync(Names.Notify, message, actions, session, cancellationToken);

    private async Task HandleAsync(
        string consumer,
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session,
        CancellationToken cancellationToken)
    {
        var settlement = await runners.RunnerOf(consumer).HandleAsync(Settlements.DeliveryOf(message), cancellationToken);
        await Settlements.SettleAsync(settlement, message, actions, session, log);
    }
}
