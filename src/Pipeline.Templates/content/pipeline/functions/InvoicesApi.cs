using Company.App_1.Services.Billing;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.Http;
using Pipeline.Commands;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;

namespace Company.App_1.Functions;

/// <summary>Invoices over HTTP.</summary>
public sealed class InvoicesApi(CommandRunner<Invoice> invoices)
{
    private const int MaxCustomerId = 64;
    private const int MaxAmountCents = 100_000_000;

    /// <summary>Gets a problem of this API. <c>Program.cs</c> adds it to those that <c>/api/problems/</c> documents.</summary>
    internal static ProblemType InvoiceInvalid { get; } = new("invoice-invalid", 400, "Invalid invoice", "Correct what `detail` says and send the request again.");

    /// <summary><c>POST /api/invoices</c>: issues an invoice. The same key with the same body is the same invoice.</summary>
    [Function("issue-invoice")]
    [ApiOperation(
        "Issues an invoice; the same key with the same body is the same invoice.",
        IdempotencyKey = IdempotencyKey.Required, Body = typeof(IssueInvoiceBody), Returns = typeof(Invoice), Statuses = [201, 200])]
    public async Task<IResult> Issue(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "invoices")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (!TryReadIdempotencyKey(request, isRequired: true, out var key, out var refusal))
            return refusal;
        var body = await ReadJsonAsync<IssueInvoiceBody>(request, cancellationToken);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Value.CustomerId is not { Length: > 0 and <= MaxCustomerId } || body.Value.AmountCents is < 1 or > MaxAmountCents)
            return Problem(InvoiceInvalid, $"Send a 'customerId' of at most {MaxCustomerId} characters, and 'amountCents' from 1 to {MaxAmountCents}.");

        var invoiceId = DeriveId(request, "inv-", key);
        var command = new HttpCommand
        {
            Partition = invoiceId,
            IdempotencyKey = key,
            RequestHash = body.Hash,
            Type = "IssueInvoice",
            CorrelationId = CorrelationIdOf(request),
        };
        return await invoices.AnswerAsync(
            request,
            command,
            (invoice, _) => Invoice.Issue(invoice, invoiceId, body.Value.CustomerId, body.Value.AmountCents),
            result => Results.Json(result.State, ApiJson.Reflection, statusCode: result.Outcome == CommandOutcome.Accepted ? 201 : 200),
            cancellationToken);
    }

    /// <summary><c>GET /api/invoices/{id}</c>: an invoice, or 404.</summary>
    [Function("get-invoice")]
    [ApiOperation("Returns an invoice.", Returns = typeof(Invoice))]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "invoices/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        GuardAsync(request, async () =>
        {
            var (invoice, _) = await invoices.ReadAsync(id, cancellationToken);
            return invoice is null ? NotFound($"invoice '{id}'") : Results.Json(invoice, ApiJson.Reflection);
        });
}
