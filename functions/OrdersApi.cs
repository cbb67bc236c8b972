using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Http;
using Pipeline.Commands;
using Pipeline.Decisions;
using Pipeline.Services.Ordering;
using Pipeline.State;
using Pipeline.Storage;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;

namespace Pipeline.Functions;

/// <summary>Orders over HTTP: place, read, cancel.</summary>
public sealed class OrdersApi(CommandRunner<Order> commands, Stores stores)
{
    private const int MaxReasonLength = 500;

    /// <summary>An order can have a long note.</summary>
    private const int MaxOrderBytes = 1_500_000;

    /// <summary><c>POST /api/orders</c>: 201 when placed, 200 when the same request was placed before, 422 for the same key with another body.</summary>
    [Function("place-order")]
    [ApiOperation(
        "Places an order; the same key with the same body is the same order.",
        IdempotencyKey = IdempotencyKey.Required, Body = typeof(PlaceOrder), Returns = typeof(OrderAcceptedBody), Statuses = [201, 200])]
    public async Task<IResult> Place(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "orders")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (!TryReadIdempotencyKey(request, isRequired: true, out var key, out var refusal))
            return refusal;
        var body = await ReadJsonAsync(request, SampleJson.Readable.PlaceOrder, cancellationToken, MaxOrderBytes);
        if (body.IsRefused)
            return body.Refusal;
        var errors = body.Value.Validate();
        if (errors.Count > 0)
            return Problem(SampleProblems.OrderInvalid, "Correct what 'errors' lists and send the order again.", errors);

        // The order's id is derived from the key, so that the inbox record of the key is in the order's own partition.
        var orderId = DeriveId(request, "o-", key);
        var command = new HttpCommand
        {
            Partition = orderId,
            IdempotencyKey = key,
            RequestHash = body.Hash,
            Type = "PlaceOrder",
            CorrelationId = CorrelationIdOf(request),
        };
        return await RunAsync(
            request,
            command,
            (order, _) => OrderDecisions.Place(order, body.Value, orderId),
            result =>
            {
                var accepted = new OrderAcceptedBody(orderId, result.State!.Status, result.Position, result.CorrelationId);
                request.HttpContext.Response.Headers.Location = $"/api/orders/{orderId}";
                return Results.Json(accepted, SampleJson.Readable.OrderAcceptedBody, statusCode: result.Outcome == CommandOutcome.Accepted ? 201 : 200);
            },
            cancellationToken);
    }

    /// <summary><c>POST /api/orders/{id}/cancel</c>: 202, 404 for an unknown order, 409 for a completed one.</summary>
    [Function("cancel-order")]
    [ApiOperation(
        "Cancels an order.",
        IdempotencyKey = IdempotencyKey.Optional, Body = typeof(CancelOrderBody), IsBodyOptional = true, Returns = typeof(OrderAcceptedBody), Statuses = [202])]
    public async Task<IResult> Cancel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "orders/{id}/cancel")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        if (Ids.PartitionError(id) is not null)
            return NotFound($"order '{id}'");
        if (!TryReadIdempotencyKey(request, isRequired: false, out var key, out var refusal))
            return refusal;
        var body = request.ContentLength is 0 or null && request.ContentType is null
            ? new RequestBody<CancelOrderBody>(new CancelOrderBody(null), "")
            : await ReadJsonAsync(request, SampleJson.Readable.CancelOrderBody, cancellationToken);
        if (body.IsRefused)
            return body.Refusal;
        var reason = string.IsNullOrWhiteSpace(body.Value.Reason) ? "Cancelled by the customer." : body.Value.Reason;
        if (ValidateTexts(("reason", reason)) is { } hidden)
            return hidden;
        if (reason.Length > MaxReasonLength)
        {
            return Problem(
                SampleProblems.ReasonTooLong, "Shorten the reason.",
                new Dictionary<string, string[]>(StringComparer.Ordinal) { ["reason"] = [$"has {reason.Length} characters; at most {MaxReasonLength} are allowed"] });
        }

        var command = new HttpCommand { Partition = id, IdempotencyKey = key, RequestHash = body.Hash, Type = "CancelOrder", CorrelationId = CorrelationIdOf(request) };
        return await RunAsync(
            request,
            command,
            (order, context) => OrderDecisions.CancelByCustomer(order, reason, context),
            result => Results.Json(
                new OrderAcceptedBody(id, result.State!.Status, result.Position, result.CorrelationId), SampleJson.Readable.OrderAcceptedBody, statusCode: 202),
            cancellationToken);
    }

    /// <summary><c>GET /api/orders/{id}</c>: status and history, or 404.</summary>
    [Function("get-order")]
    [ApiOperation("Returns an order with its history.", Returns = typeof(OrderBody))]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "orders/{id}")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        if (Ids.PartitionError(id) is not null)
            return NotFound($"order '{id}'");
        return await GuardAsync(request, async () =>
        {
            var (order, position) = await commands.ReadAsync(id, cancellationToken);
            if (order is null)
                return NotFound($"order '{id}'");
            var history = await EventHistory.ReadAsync(stores.Of(Names.Ordering), id, cancellationToken);
            var body = new OrderBody(
                id, order.CustomerId, order.Status, order.Reason, order.Total, order.Currency, order.Lines, order.Note,
                history.Count, position, history.Count > 0 ? history[0].CorrelationId : id, history);
            return Results.Json(body, SampleJson.Readable.OrderBody);
        });
    }

    private Task<IResult> RunAsync(
        HttpRequest request,
        HttpCommand command,
        Func<Order?, HandlerContext, Decision<Order>> decide,
        Func<CommandResult<Order>, IResult> accepted,
        CancellationToken cancellationToken) =>
        commands.AnswerAsync(
            request, command, decide, accepted, cancellationToken,
            refusal => refusal.Code == "order-unknown" ? NotFound($"order '{command.Partition}'") : null);
}
