using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Outbox;
using static Pipeline.Functions.Lists;
using static Pipeline.Functions.Requests;

namespace Pipeline.Functions;

/// <summary>Parked outbox records over HTTP: what the relay cannot publish.</summary>
public sealed class ParkedApi(Stores stores)
{
    /// <summary><c>GET /api/parked</c>: outbox records that cannot be published.</summary>
    [Function("list-parked")]
    public Task<IResult> List([HttpTrigger(AuthorizationLevel.Function, "get", Route = "parked")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, async () =>
        {
            var all = await Task.WhenAll(stores.All.Select(store => ParkedRecords.ListAsync(store, cancellationToken)));
            return Results.Json(new ParkedPage([.. all.SelectMany(p => p)]), ApiJson.Default.ParkedPage);
        });

    /// <summary><c>POST /api/parked/{container}/{partition}/{number}/resume</c>: try to publish it again.</summary>
    [Function("resume-parked")]
    public Task<IResult> Resume(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "parked/{container}/{partition}/{number}/resume")] HttpRequest request,
        string container,
        string partition,
        string number,
        CancellationToken cancellationToken) =>
        GuardAsync(request, async () =>
            stores.Find(container) is { } store
            && long.TryParse(number, CultureInfo.InvariantCulture, out var first)
            && await ParkedRecords.ResumeAsync(store, partition, first, cancellationToken)
                ? Results.StatusCode(202)
                : NotFound($"parked record {number} in '{container}/{partition}'"));
}
