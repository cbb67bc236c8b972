using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Commands;
using Pipeline.Contracts;
using Pipeline.Storage;
using Pipeline.Services.Carrier;
using Pipeline.Services.Shipping;
using static Pipeline.Functions.Requests;

namespace Pipeline.Functions;

/// <summary>Shipments over HTTP, as the service sees them and as the carrier has them.</summary>
public sealed class ShipmentsApi(CommandRunner<Shipment> commands, CommandRunner<ParcelTracking> parcels, ICarrierGateway carrier)
{
    /// <summary>
    /// <c>GET /api/shipments/{orderId}</c>: the shipment of an order with every parcel that the carrier took for it and every
    /// recall, and what the carrier's webhook told of its delivery, or 404.
    /// </summary>
    [Function("get-shipment")]
    [ApiOperation("Returns the shipment of an order with its parcels and recalls.", Returns = typeof(ShipmentBody))]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "shipments/{orderId}")] HttpRequest request, string orderId, CancellationToken cancellationToken)
    {
        var parcel = ContractCatalog.ParcelPartition(orderId);
        if (Messages.Ids.PartitionError(parcel) is not null || orderId.StartsWith(ContractCatalog.ParcelPartition(""), StringComparison.Ordinal))
            return NotFound($"shipment of an order '{orderId}'");
        try
        {
            var (shipment, _) = await commands.ReadAsync(orderId, cancellationToken);
            if (shipment is null)
                return NotFound($"shipment of an order '{orderId}'");
            var (delivery, _) = await parcels.ReadAsync(parcel, cancellationToken);
            var records = await carrier.ListAsync(orderId, cancellationToken);
            return Results.Json(
                new ShipmentBody(
                    orderId,
                    shipment.Status,
                    shipment.Carrier,
                    shipment.TrackingNumber,
                    delivery?.DeliveredAt,
                    delivery?.SignedBy,
                    [.. records.Bookings.Where(b => b.Declined is null).Select(b => new ParcelBody(b.Key, b.TrackingNumber, b.Time))],
                    [.. records.Recalls.Select(r => new ParcelBody(r.Key, r.TrackingNumber, r.Time))]),
                ApiJson.Readable.ShipmentBody);
        }
        catch (Exception e) when (e is StoreUnavailableException or DamagedPartitionException or CosmosException)
        {
            return Unavailable(request, e);
        }
    }
}
