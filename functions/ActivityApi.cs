using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker;
using Pipeline.CloudEvents;
using Pipeline.Storage;
using static Pipeline.Functions.Requests;

namespace Pipeline.Functions;

/// <summary>What the pipeline is doing right now, over HTTP.</summary>
public sealed class ActivityApi(Stores stores, TimeProvider clock)
{
    private static readonly TimeSpan FurthestBack = TimeSpan.FromHours(1);

    /// <summary>
    /// <c>GET /api/activity?continuation=</c> or <c>?since=</c>: per consumer how much was handled, and how long it took
    /// from the sender's commit to the effect. The first call, without either, only says where to go on from now.
    /// </summary>
    [Function("activity")]
    [ApiOperation(
        "Returns how much each consumer has handled since the answer before, and how long it took.",
        Query = ["continuation", "since"], Returns = typeof(ActivityReport))]
    public async Task<IResult> Activity(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "activity")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (Lists.WhyUnusableQuery(request, "continuation", "since") is { } unusable)
            return unusable;
        if (!TryReadPosition(request, out var position, out var refusal))
            return refusal!;
        try
        {
            return Results.Json(await ActivityFeed.ReadAsync(stores.All, position, clock, cancellationToken), ApiJson.Readable.ActivityReport);
        }
        catch (Exception e) when (e is StoreUnavailableException or DamagedPartitionException)
        {
            return Unavailable(request, e);
        }
        catch (NotSupportedException e)
        {
            return Problem(501, "Too many physical partitions", e.Message + " Use the metrics of the pipeline instead.");
        }
        catch (Exception e) when (request.Query.ContainsKey("continuation") && e is InvalidOperationException or CosmosException or ArgumentException or FormatException)
        {
            return BadContinuation();
        }
    }

    private bool TryReadPosition(HttpRequest request, out ActivityPosition position, out IResult? refusal)
    {
        position = ActivityPosition.Now(clock);
        refusal = null;
        var continuation = request.Query["continuation"].ToString();
        var since = request.Query["since"].ToString();
        if (continuation.Length > 0)
        {
            if (since.Length > 0)
                refusal = Problem(400, "Two positions", "Say either 'continuation' or 'since', not both.");
            else if (!ActivityPosition.TryDecode(continuation, out var decoded))
                refusal = BadContinuation();
            else
                position = decoded;
        }
        else if (since.Length > 0)
        {
            var now = clock.GetUtcNow();
            if (!Rfc3339.TryReadDateOrTime(since, out var time))
                refusal = Problem(400, "Unusable time", $"'since' is '{Shown(since)}', not {Rfc3339.DateOrTimeExpected}; it is {Rfc3339.Write(now)} here.");
            else if (time > now || time < now - FurthestBack)
                refusal = Problem(400, "Time out of range", string.Create(CultureInfo.InvariantCulture, $"'since' is {Rfc3339.Write(time)}, and must be within the last {FurthestBack.TotalMinutes:0} minutes; it is {Rfc3339.Write(now)} here."));
            else
                position = ActivityPosition.Since(time);
        }

        return refusal is null;
    }

    private static IResult BadContinuation() =>
        Problem(400, "Unusable continuation", "Pass on the 'continuation' of the answer before, unchanged, or none to start from now.");
}
