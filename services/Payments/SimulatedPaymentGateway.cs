using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;

namespace Pipeline.Services.Payments;

/// <summary>
/// Stands in for a payment provider: remembers each call durably under its key, in a container of its own that no service
/// reads, and declines what the customer <c>customer-declined</c> is charged.
/// </summary>
public sealed class SimulatedPaymentGateway(Container container, TimeProvider clock) : IPaymentGateway
{
    /// <summary>The customer whose payments are declined.</summary>
    public const string DeclinedCustomer = "customer-declined";

    /// <inheritdoc/>
    public Task<GatewayTransaction> ChargeAsync(
        string key, string orderId, string customerId, decimal amount, string currency, CancellationToken cancellationToken) =>
        OnceAsync(
            orderId,
            new GatewayTransaction(key, amount, currency, clock.GetUtcNow(), customerId == DeclinedCustomer ? "The payment was declined." : null),
            cancellationToken);

    /// <inheritdoc/>
    public Task<GatewayTransaction> RefundAsync(string key, string orderId, decimal amount, string currency, CancellationToken cancellationToken) =>
        OnceAsync(orderId, new GatewayTransaction(key, amount, currency, clock.GetUtcNow()), cancellationToken);

    /// <inheritdoc/>
    public async Task<GatewayTransaction?> FindAsync(string key, string orderId, CancellationToken cancellationToken)
    {
        using var response = await container.ReadItemStreamAsync(key, new PartitionKey(orderId), cancellationToken: cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        response.EnsureSuccessStatusCode();
        var stored = await JsonSerializer.DeserializeAsync(response.Content, GatewayJson.Default.StoredTransaction, cancellationToken);
        return stored!.Transaction;
    }

    private async Task<GatewayTransaction> OnceAsync(string orderId, GatewayTransaction transaction, CancellationToken cancellationToken)
    {
        var stored = new StoredTransaction { Id = transaction.Key, Partition = orderId, Transaction = transaction };
        using var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(stored, GatewayJson.Default.StoredTransaction), writable: false);
        using var response = await container.CreateItemStreamAsync(
            body, new PartitionKey(orderId), new ItemRequestOptions { EnableContentResponseOnWrite = false }, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Conflict)
            return await FindAsync(transaction.Key, orderId, cancellationToken) ?? throw new InvalidOperationException($"The transaction '{transaction.Key}' vanished.");
        response.EnsureSuccessStatusCode();
        return transaction;
    }
}

/// <summary>A transaction as the simulated gateway stores it.</summary>
internal sealed record StoredTransaction
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("pk")]
    public required string Partition { get; init; }

    [JsonPropertyName("transaction")]
    public required GatewayTransaction Transaction { get; init; }
}

[JsonSerializable(typeof(StoredTransaction))]
internal sealed partial class GatewayJson : JsonSerializerContext;
