using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Failures;
using Pipeline.Services.Shipping;

namespace Pipeline.Functions.Gateways;

/// <summary>
/// Simulates a carrier: stores each call under its key, in a container of its own that no service reads. It
/// declines parcels for the customer <c>customer-unreachable</c>, and fails for parcels with an article that
/// <paramref name="faults"/> lists: then bookings and recalls throw, while queries work.
/// </summary>
public sealed class SimulatedCarrierGateway(Container container, CarrierFaults faults, TimeProvider clock) : ICarrierGateway
{
    /// <summary>The customer whose parcels are declined.</summary>
    public const string UnreachableCustomer = "customer-unreachable";

    private const string Name = "Simulated Parcels";

    private readonly IdempotencyStore<CarrierRecord> _kept = new(container, CarrierJson.Default.CarrierRecord);

    /// <inheritdoc/>
    public async Task<CarrierBooking> BookAsync(
        string key, string orderId, string customerId, IReadOnlyList<ParcelItem> items, CancellationToken cancellationToken)
    {
        await faults.ThrowIfAnyAsync(items, cancellationToken);
        var booking = new CarrierBooking(
            key, Name, TrackingNumberOf(key), clock.GetUtcNow(), customerId == UnreachableCustomer ? "The parcel cannot be delivered." : null);
        var record = new CarrierRecord { Id = key, Partition = orderId, Booking = booking, Items = items };
        return (await _kept.KeepAsync(key, orderId, record, cancellationToken)).Booking!;
    }

    /// <inheritdoc/>
    public async Task<CarrierRecall> RecallAsync(string key, string orderId, string trackingNumber, CancellationToken cancellationToken)
    {
        var parcel = (await ReadAllAsync(orderId, cancellationToken)).FirstOrDefault(r => r.Booking is { Declined: null } b && b.TrackingNumber == trackingNumber)
            ?? throw new PermanentFailureException($"The carrier has no parcel '{trackingNumber}' of the order '{orderId}'.");
        await faults.ThrowIfAnyAsync(parcel.Items ?? [], cancellationToken);
        var record = new CarrierRecord { Id = key, Partition = orderId, Recall = new CarrierRecall(key, trackingNumber, clock.GetUtcNow()) };
        return (await _kept.KeepAsync(key, orderId, record, cancellationToken)).Recall!;
    }

    /// <inheritdoc/>
    public async Task<CarrierBooking?> FindAsync(string key, string orderId, CancellationToken cancellationToken) =>
        (await _kept.FindAsync(key, orderId, cancellationToken))?.Booking;

    /// <inheritdoc/>
    public async Task<CarrierRecords> ListAsync(string orderId, CancellationToken cancellationToken)
    {
        var records = await ReadAllAsync(orderId, cancellationToken);
        return new CarrierRecords(
            [.. records.Select(r => r.Booking).OfType<CarrierBooking>().OrderBy(b => b.Time)],
            [.. records.Select(r => r.Recall).OfType<CarrierRecall>().OrderBy(r => r.Time)]);
    }

    private static string TrackingNumberOf(string key) => "SP" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 6));

    /// <summary>Gets all records of an order, including those under foreign idempotency keys.</summary>
    private async Task<List<CarrierRecord>> ReadAllAsync(string orderId, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.kind = @kind").WithParameter("@kind", CarrierRecord.CarrierKind);
        using var pages = container.GetItemQueryStreamIterator(query, requestOptions: new QueryRequestOptions { PartitionKey = new PartitionKey(orderId) });
        var records = new List<CarrierRecord>();
        while (pages.HasMoreResults)
        {
            using var response = await pages.ReadNextAsync(cancellationToken);
            response.EnsureSuccessStatusCode();
            var page = await JsonSerializer.DeserializeAsync(response.Content, CarrierJson.Default.CarrierRecordPage, cancellationToken);
            records.AddRange(page!.Documents);
        }

        return records;
    }
}
