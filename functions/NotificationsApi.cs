using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.Http;
using Pipeline.Commands;
using Pipeline.Services.Notifications;
using Pipeline.Storage;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;

namespace Pipeline.Functions;

/// <summary>Notifications to customers, over HTTP.</summary>
public sealed class NotificationsApi(CommandRunner<CustomerNotices> notices, IEmailGateway email)
{
    /// <summary><c>GET /api/notifications/{orderId}</c>: the notifications about an order, in the records of the service and of the provider, or 404.</summary>
    [Function("get-notifications")]
    [ApiOperation("Returns what the customer was told about an order.", Returns = typeof(NotificationsBody))]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "notifications/{orderId}")] HttpRequest request, string orderId, CancellationToken cancellationToken)
    {
        if (Ids.PartitionError(orderId) is not null)
            return NotFound($"notification about an order '{orderId}'");
        try
        {
            var (state, _) = await notices.ReadAsync(orderId, cancellationToken);
            return state is null
                ? NotFound($"notification about an order '{orderId}'")
                : Results.Json(
                    new NotificationsBody(orderId, state.CustomerId, state.Sent, [.. state.Waiting.Keys], await email.FindAsync(orderId, cancellationToken)),
                    SampleJson.Readable.NotificationsBody);
        }
        catch (Exception e) when (e is StoreUnavailableException or DamagedPartitionException or CosmosException)
        {
            return Unavailable(request, e);
        }
    }
}
