using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.TestFunctions;

public sealed class HttpFunctions(Probe probe)
{
    [Function("HttpRoute")]
    public static IResult Route(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "orders/{order:int}/lines/{line}/{id}/{flag}/{name?}")] HttpRequest request,
        int order, long line, Guid id, bool flag, string? name) =>
        Results.Text(Invariant($"{order} {line} {id} {flag} {name}"));

    [Function("HttpAction")]
    public static async Task<IActionResult> Action([HttpTrigger(AuthorizationLevel.Anonymous, "post")] HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        return new AcceptedResult("/somewhere", new { body = await reader.ReadToEndAsync() });
    }

    [Function("HttpThrows")]
    public static Task<IResult> Throws([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) =>
        throw new InvalidOperationException("a secret");

    [Function("HttpDefaults")]
    public Task Defaults([HttpTrigger] HttpRequest request, FunctionContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(probe);
        if (context.RetryContext is not null)
            throw new InvalidOperationException("Requests are not retried.");
        var headers = request.HttpContext.Response.Headers;
        headers["X-Method"] = request.Method;
        headers["X-Trace"] = context.TraceContext.TraceParent;
        headers["X-Invocation"] = context.InvocationId;
        return Task.CompletedTask;
    }
}
