using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Http;
using Pipeline.Client;
using Pipeline.CloudEvents;
using Pipeline.Operations;
using Pipeline.Storage;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>The current activity of the pipeline, over HTTP.</summary>
public sealed class ActivityApi(Stores stores, TimeProvider clock)
{
    private static readonly TimeSpan FurthestBack = TimeSpan.FromHours(1);

    /// <summary>
    /// <c>GET /api/activity?continuation=</c> or <c>?since=</c>: per consumer the number of handled messages, and the
    /// latency from the sender's commit to the effect. The first call, without either, only returns the position to continue from.
    /// </summary>
    [Function("activity")]
    [ApiOperation(
        "Returns how much each consumer has handled since the answer before, and how long it took.",
        Query = ["continuation", "since"], Returns = typeof(ActivityReport))]
    public async Task<IResult> Activity(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "activity")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (Requests.ValidateQuery(request, "continuation", "since") is { } unusable)
            return unusable;
        if (!TryReadPosition(request, out var position, out var refusal))
            return refusal!;
        try
        {
            return Results.Json(await ActivityFeed.ReadAsync(stores.All, position, clock, cancellationToken), OperatorJson.Readable.ActivityReport);
        }
        catch (Exception e) when (e is StoreUnavailableException or DamagedPartitionException)
        {
            return Unavailable(request, e);
        }
        catch (NotSupportedException e)
        {
            return Problem(OperatorProblems.TooManyPhysicalPartitions, e.Message + " Use the metrics of the pipeline instead.");
        }
        catch (InvalidContinuationException)
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
                refusal = Problem(OperatorProblems.PositionAmbiguous, "Send either 'continuation' or 'since', not both.");
            else if (!ActivityPosition.TryDecode(continuation, out var decoded))
                refusal = BadContinuation();
            else
                position = decoded;
        }
        else if (since.Length > 0)
        {
            var now = clock.GetUtcNow();
            if (!Rfc3339.TryReadDateOrTime(since, out var time))
                refusal = Problem(ProblemTypes.TimeInvalid, $"'since' is '{Shown(since)}', not {Rfc3339.DateOrTimeExpected}; the server's time is {Rfc3339.Write(now)}.");
            else if (time > now || time < now - FurthestBack)
                refusal = Problem(ProblemTypes.TimeOutOfRange, string.Create(CultureInfo.InvariantCulture, $"'since' is {Rfc3339.Write(time)}, and must be within the last {FurthestBack.TotalMinutes:0} minutes; the server's time is {Rfc3339.Write(now)}."));
            else
                position = ActivityPosition.Since(time);
        }

        return refusal is null;
    }

    private static IResult BadContinuation() =>
        Problem(ProblemTypes.ContinuationInvalid, "Send the 'continuation' of the previous answer unchanged, or none to start from now.");
}
