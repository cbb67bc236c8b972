using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.Http;
using Pipeline.Services.Ordering;
using Pipeline.Functions.Gateways;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;

namespace Pipeline.Functions;

/// <summary>
/// Rehearses an outage of the carrier: the simulated carrier fails for every parcel with a faulty article, until the fault
/// is removed. It belongs to the simulated gateway: with another carrier, each of these is 404.
/// </summary>
public sealed class SimulatorApi(CarrierFaults? faults = null)
{
    /// <summary><c>PUT /api/simulator/carrier-faults/{sku}</c>: sets a fault. 200 with all faults, 409 if there are too many.</summary>
    [Function("set-carrier-fault")]
    [ApiOperation("Makes the simulated carrier fail for an article.", Returns = typeof(CarrierFaultsBody))]
    public Task<IResult> Set(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "simulator/carrier-faults/{sku}")] HttpRequest request,
        string sku,
        CancellationToken cancellationToken) =>
        RunAsync(request, sku, async all => await all.TrySetAsync(sku, cancellationToken)
            ? await ShowAsync(all, cancellationToken)
            : Problem(SampleProblems.TooManyCarrierFaults, $"There are {CarrierFaults.MaxFaults} carrier faults, the largest number. Remove one first."));

    /// <summary><c>DELETE /api/simulator/carrier-faults/{sku}</c>: removes a fault, if it was set. 200 with the remaining faults.</summary>
    [Function("remove-carrier-fault")]
    [ApiOperation("Lets the simulated carrier work again for an article.", Returns = typeof(CarrierFaultsBody))]
    public Task<IResult> Remove(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "simulator/carrier-faults/{sku}")] HttpRequest request,
        string sku,
        CancellationToken cancellationToken) =>
        RunAsync(request, sku, async all =>
        {
            await all.RemoveAsync(sku, cancellationToken);
            return await ShowAsync(all, cancellationToken);
        });

    /// <summary><c>GET /api/simulator/carrier-faults</c>: the articles with a fault.</summary>
    [Function("list-carrier-faults")]
    [ApiOperation("Lists the articles for which the simulated carrier fails.", Returns = typeof(CarrierFaultsBody))]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "simulator/carrier-faults")] HttpRequest request, CancellationToken cancellationToken) =>
        RunAsync(request, null, all => ShowAsync(all, cancellationToken));

    private async Task<IResult> RunAsync(HttpRequest request, string? sku, Func<CarrierFaults, Task<IResult>> action)
    {
        if (ValidateQuery(request) is { } unusable)
            return unusable;
        if (faults is null)
            return Problem(SampleProblems.NoSimulatedCarrier, "Another carrier gateway is configured, so faults cannot be simulated.");
        if (ValidateTexts(("sku", sku)) is { } hidden)
            return hidden;
        if (sku is not null && !PlaceOrder.IsName(sku))
            return Problem(SampleProblems.ArticleNameInvalid, "Use 1 to 64 letters, digits, '.', '_' or '-', and not just '.' or '..'.");
        try
        {
            return await action(faults);
        }
        catch (CosmosException e)
        {
            return Unavailable(request, e);
        }
    }

    private static async Task<IResult> ShowAsync(CarrierFaults faults, CancellationToken cancellationToken) =>
        Results.Json(new CarrierFaultsBody(await faults.ListAsync(cancellationToken)), SampleJson.Readable.CarrierFaultsBody);
}
