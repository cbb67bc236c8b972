using System.Text.Json.Nodes;
using Pipeline.Failures;
using Pipeline.Replay;
using Pipeline.Services.Shipping;

namespace Pipeline.Functions.Gateways;

/// <summary>The carrier of a dry run: books no parcel, and answers with the records of the carrier.</summary>
public sealed class DryRunCarrierGateway(ICarrierGateway real, GatewayCalls calls, TimeProvider clock) : ICarrierGateway
{
    private const string Assumed = "assumed";

    private readonly HashSet<string> _assumedParcels = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<CarrierBooking> BookAsync(
        string key, string orderId, string customerId, IReadOnlyList<ParcelItem> items, CancellationToken cancellationToken) => calls.CallAsync(
            nameof(BookAsync),
            key,
            new()
            {
                ["key"] = key,
                ["orderId"] = orderId,
                ["customerId"] = customerId,
                ["items"] = new JsonArray([.. items.Select(i => new JsonObject { ["sku"] = i.Sku, ["quantity"] = i.Quantity })]),
            },
            CarrierJson.Default.CarrierBooking,
            () => real.FindAsync(key, orderId, cancellationToken),
            () =>
            {
                // The tracking number is not known before the booking.
                var trackingNumber = $"{Assumed}-{key}";
                _assumedParcels.Add(trackingNumber);
                return new(key, Assumed, trackingNumber, clock.GetUtcNow());
            });

    /// <inheritdoc/>
    public async Task<CarrierRecall> RecallAsync(string key, string orderId, string trackingNumber, CancellationToken cancellationToken)
    {
        var isKnown = true;
        return await calls.CallAsync(
            nameof(RecallAsync),
            key,
            new() { ["key"] = key, ["orderId"] = orderId, ["trackingNumber"] = trackingNumber },
            CarrierJson.Default.CarrierRecall,
            async () =>
            {
                var records = await real.ListAsync(orderId, cancellationToken);
                isKnown = _assumedParcels.Contains(trackingNumber) || records.Bookings.Any(b => b.Declined is null && b.TrackingNumber == trackingNumber);
                return records.Recalls.FirstOrDefault(r => r.Key == key);
            },
            () => isKnown
                ? new(key, trackingNumber, clock.GetUtcNow())
                : throw new PermanentFailureException($"The carrier has no parcel '{trackingNumber}' of the order '{orderId}'."));
    }

    /// <inheritdoc/>
    public Task<CarrierBooking?> FindAsync(string key, string orderId, CancellationToken cancellationToken) => calls.FindAsync(
        nameof(FindAsync), key, new() { ["key"] = key, ["orderId"] = orderId },
        CarrierJson.Default.CarrierBooking, () => real.FindAsync(key, orderId, cancellationToken));

    /// <inheritdoc/>
    public Task<CarrierRecords> ListAsync(string orderId, CancellationToken cancellationToken) => calls.ReadAsync(
        nameof(ListAsync), new() { ["orderId"] = orderId }, CarrierJson.Default.CarrierRecords, () => real.ListAsync(orderId, cancellationToken));
}
