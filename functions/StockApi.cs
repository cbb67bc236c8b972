using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.Http;
using Pipeline.Commands;
using Pipeline.Contracts;
using Pipeline.Services.Inventory;
using Pipeline.Services.Ordering;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;

namespace Pipeline.Functions;

/// <summary>Stock over HTTP.</summary>
public sealed class StockApi(CommandRunner<SkuStock> commands)
{
    private const int MaxOnHand = 1_000_000_000;

    /// <summary><c>PUT /api/stock/{sku}</c>: sets the number of pieces; 409 if more are reserved.</summary>
    [Function("set-stock")]
    [ApiOperation(
        "Sets how many pieces of an article there are.",
        IdempotencyKey = IdempotencyKey.Optional, Body = typeof(SetStockBody), Returns = typeof(StockBody))]
    public async Task<IResult> Set(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "stock/{sku}")] HttpRequest request, string sku, CancellationToken cancellationToken)
    {
        if (ValidateTexts(("sku", sku)) is { } hidden)
            return hidden;
        if (!IsSku(sku))
            return Problem(SampleProblems.ArticleNameInvalid, "Use 1 to 64 letters, digits, '.', '_' or '-', and not just '.' or '..'.");
        if (!TryReadIdempotencyKey(request, isRequired: false, out var key, out var refusal))
            return refusal;
        var body = await ReadJsonAsync(request, SampleJson.Readable.SetStockBody, cancellationToken);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Value.OnHand is not { } onHand || onHand is < 0 or > MaxOnHand)
        {
            return Problem(
                SampleProblems.StockInvalid, "Send the number of pieces in 'onHand'.",
                new Dictionary<string, string[]>(StringComparer.Ordinal) { ["onHand"] = [$"must be a whole number from 0 to {MaxOnHand}"] });
        }

        return await commands.AnswerAsync(
            request,
            new HttpCommand { Partition = ContractCatalog.StockPartition(sku), IdempotencyKey = key, RequestHash = body.Hash, Type = "SetStock" },
            (stock, _) => SkuStock.SetOnHand(stock, sku, onHand),
            result => Show(result.State!),
            cancellationToken);
    }

    /// <summary><c>GET /api/stock/{sku}</c>: the pieces on hand and reserved, or 404.</summary>
    [Function("get-stock")]
    [ApiOperation("Returns how many pieces of an article there are, and how many are reserved.", Returns = typeof(StockBody))]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "stock/{sku}")] HttpRequest request, string sku, CancellationToken cancellationToken)
    {
        if (!IsSku(sku))
            return NotFound($"article '{sku}'");
        return await GuardAsync(request, async () =>
        {
            var (stock, _) = await commands.ReadAsync(ContractCatalog.StockPartition(sku), cancellationToken);
            return stock is null ? NotFound($"article '{sku}'") : Show(stock);
        });
    }

    private static bool IsSku(string sku) => PlaceOrder.IsName(sku);

    private static IResult Show(SkuStock stock) =>
        Results.Json(new StockBody(stock.Sku, stock.OnHand, stock.Reserved, stock.Available), SampleJson.Readable.StockBody);
}
