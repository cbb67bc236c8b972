using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.Http;
using Pipeline.Commands;
using Pipeline.Contracts;
using Pipeline.Services.Carrier;
using Pipeline.Services.Shipping;
using Pipeline.Storage;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;

namespace Pipeline.Functions;

/// <summary>Shipments over HTTP, in the records of the service and of the carrier.</summary>
public sealed class ShipmentsApi(CommandRunner<Shipment> commands, CommandRunner<ParcelTracking> parcels, ICarrierGateway carrier)
{
    /// <summary>
    /// <c>GET /api/shipments/{orderId}</c>: the shipment of an order with every parcel and every recall in the records of the
    /// carrier, and the delivery that the carrier's webhook reported, or 404.
    /// </summary>
    [Function("get-shipment")]
    [ApiOperation("Returns the shipment of an order with its parcels and recalls.", Returns = typeof(ShipmentBody))]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "shipments/{orderId}")] HttpRequest request, string orderId, CancellationToken cancellationToken)
    {
        var parcel = ContractCatalog.ParcelPartition(orderId);
        if (Ids.PartitionError(parcel) is not null || orderId.StartsWith(ContractCatalog.ParcelPartition(""), StringComparison.Ordinal))
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
                SampleJson.Readable.ShipmentBody);
        }
        catch (Exception e) when (e is StoreUnavailableException or DamagedPartitionException or CosmosException)
        {
            return Unavailable(request, e);
        }
    }
}
