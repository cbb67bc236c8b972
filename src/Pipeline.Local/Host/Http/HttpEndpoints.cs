using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Pipeline.Local.Hosting;

/// <summary>Serves HTTP functions, a start page and the host's state.</summary>
internal static class HttpEndpoints
{
    /// <summary>Names the invocation that failed, as the log does.</summary>
    private const string InvocationHeader = "x-invocation-id";

    public static void Map(
        IEndpointRouteBuilder routes, IReadOnlyList<HostedFunction> functions, FunctionRunner runner, Shutdown shutdown)
    {
        foreach (var function in functions)
        {
            if (function.Trigger is not HttpFunctionTrigger http)
                continue;
            Task Serve(HttpContext context) => ServeAsync(function, context, runner, shutdown);
            var endpoint = routes.Map(http.Route, Serve)
                .WithDisplayName(function.Name)
                .WithMetadata(new RequiredKey(function.Name, http.Level));
            if (http.Methods.Count > 0)
                endpoint.WithMetadata(new HttpMethodMetadata(http.Methods));
        }

        EventGridEndpoint.Map(routes, functions, runner, shutdown);
        ServiceBusEndpoints.Map(routes);
        routes.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], new StartPage(functions, shutdown).WriteAsync);
        routes.MapGet("/admin/host/status", (HttpContext context) => context.Response.WriteAsJsonAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["state"] = shutdown.Stopping.IsCancellationRequested ? "Stopping" : "Running" }))
            .WithMetadata(new RequiredKey("admin", KeyLevel.Admin));
    }

    private static async Task ServeAsync(HostedFunction function, HttpContext context, FunctionRunner runner, Shutdown shutdown)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, shutdown.Cancelled);
        var invocation = new HttpInvocation(function, context, cancellation.Token);
        try
        {
            await runner.RunAsync(invocation);
        }
        catch (BadHttpRequestException error) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            await LocalProblem.WriteAsync(context, error.StatusCode, "Unreadable request", error.Message);
        }
        catch (Exception)
        {
            // The runner has logged it under this id. What went wrong is none of the caller's business.
            if (context.Response.HasStarted)
                context.Abort();
            else
                Fail(context.Response, invocation.InvocationId);
        }
    }

    private static void Fail(HttpResponse response, string invocation)
    {
        response.Clear();
        response.Headers[InvocationHeader] = invocation;
        response.StatusCode = StatusCodes.Status500InternalServerError;
    }
}
