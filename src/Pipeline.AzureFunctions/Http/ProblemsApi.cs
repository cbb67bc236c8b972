using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.AzureFunctions.Http;

/// <summary>Documents the problem types that the API answers with.</summary>
/// <param name="problems">The problem types.</param>
public sealed class ProblemsApi(ProblemCatalog problems)
{
    /// <summary>
    /// <c>GET /api/problems/{slug}</c>: the documentation of a problem type, or 404. It is open because every caller that gets a
    /// problem may read its <c>type</c>, and it contains no data.
    /// </summary>
    [Function("get-problem-type")]
    [ApiOperation("Returns the documentation of a problem type.", Returns = typeof(ProblemTypeBody))]
    public IResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "problems/{slug}")] HttpRequest request, string slug)
    {
        if (problems.Find(slug) is not { } type)
            return Answers.NotFound($"problem type '{slug}'");
        request.HttpContext.Response.Headers.CacheControl = "public, max-age=3600";
        return Results.Json(new ProblemTypeBody(type.Uri, type.Title, type.Status, type.Description), ProblemJson.Readable.ProblemTypeBody);
    }
}
