using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.ServiceBus;

namespace Pipeline.InvoiceApp;

/// <summary>The functions that <c>pipeline generate</c> writes for such an app.</summary>
public sealed class InvoiceFunctions(ServiceBusTriggers triggers, Relays relays)
{
    [Function("relay-billing")]
    [ExponentialBackoffRetry(-1, RelayTiming.FirstRetry, RelayTiming.LongestRetry)]
    public Task Relay(
        [CosmosDBTrigger("pipeline", "billing", Connection = "Cosmos", LeaseContainerName = "leases", LeaseContainerPrefix = "relay-", StartFromBeginning = true)]
        IReadOnlyList<JsonElement> documents,
        CancellationToken cancellationToken) =>
        relays.OnFeedAsync("billing", documents, cancellationToken);

    [Function("orders-billing")]
    public Task OrdersBilling(
        [ServiceBusTrigger("orders", "billing", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        triggers.HandleAsync("orders/billing", message, actions, cancellationToken);

    [Function("orders-billing-dead-letters")]
    public Task OrdersBillingDeadLetters(
        [ServiceBusTrigger("orders", "billing/$DeadLetterQueue", Connection = "ServiceBus")] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        triggers.HandleDeadLetterAsync("orders/billing", message, actions, cancellationToken);
}
