using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions;

/// <summary>Documents the problem types that the API answers with.</summary>
public sealed class ProblemsApi
{
    /// <summary>
    /// <c>GET /api/problems/{slug}</c>: the documentation of a problem type, or 404. It is open because every caller that gets a
    /// problem may read its <c>type</c>, and it contains no data.
    /// </summary>
    [Function("get-problem-type")]
    [ApiOperation("Returns the documentation of a problem type.", Returns = typeof(ProblemTypeBody))]
    public static IResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "problems/{slug}")] HttpRequest request, string slug)
    {
        if (ProblemTypes.Find(slug) is not { } type)
            return Requests.NotFound($"problem type '{slug}'");
        request.HttpContext.Response.Headers.CacheControl = "public, max-age=3600";
        return Results.Json(new ProblemTypeBody(type.Uri, type.Title, type.Status, type.Description), ApiJson.Readable.ProblemTypeBody);
    }
}
