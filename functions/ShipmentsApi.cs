using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Commands;
using Pipeline.Partitions;
using Pipeline.Services.Shipping;
using static Pipeline.Functions.Requests;

namespace Pipeline.Functions;

/// <summary>Shipments over HTTP, as the service sees them and as the carrier has them.</summary>
public sealed class ShipmentsApi(CommandRunner<Shipment> commands, ICarrierGateway carrier)
{
    /// <summary>
    /// <c>GET /api/shipments/{orderId}</c>: the shipment of an order with every parcel that the carrier took for it and every
    /// recall, or 404.
    /// </summary>
    [Function("get-shipment")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "shipments/{orderId}")] HttpRequest request, string orderId, CancellationToken cancellationToken)
    {
        if (Messages.Ids.WhyInvalidPartition(orderId) is not null)
            return NotFound($"shipment of an order '{orderId}'");
        try
        {
            var (shipment, _) = await commands.ReadAsync(orderId, cancellationToken);
            if (shipment is null)
                return NotFound($"shipment of an order '{orderId}'");
            var records = await carrier.ListAsync(orderId, cancellationToken);
            return Results.Json(
                new ShipmentBody(
                    orderId,
                    shipment.Status,
                    shipment.Carrier,
                    shipment.TrackingNumber,
                    [.. records.Bookings.Where(b => b.Declined is null).Select(b => new ParcelBody(b.Key, b.TrackingNumber, b.Time))],
                    [.. records.Recalls.Select(r => new ParcelBody(r.Key, r.TrackingNumber, r.Time))]),
                ApiJson.Default.ShipmentBody);
        }
        catch (Exception e) when (e is StoreUnavailableException or CosmosException)
        {
            return Unavailable(request, e);
        }
    }
}
