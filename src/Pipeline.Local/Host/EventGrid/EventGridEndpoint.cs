using System.Text.Json;
using Azure.Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Pipeline.Local.Hosting;

/// <summary>Where Event Grid delivers: <c>/runtime/webhooks/EventGrid?functionName=NAME</c>, in the CloudEvents schema.</summary>
internal static class EventGridEndpoint
{
    private const string Path = "/runtime/webhooks/EventGrid";
    private const string Origin = "eventgrid.azure.net";
    private const long MaxBodyBytes = 1024 * 1024;

    public static void Map(
        IEndpointRouteBuilder routes, IReadOnlyList<HostedFunction> functions, FunctionRunner runner, Shutdown shutdown)
    {
        var byName = functions
            .Where(f => f.Trigger is EventGridFunctionTrigger)
            .ToDictionary(f => f.Name, StringComparer.OrdinalIgnoreCase);
        if (byName.Count == 0)
            return;
        var key = new RequiredKey("eventgrid_extension", KeyLevel.System);
        routes.MapMethods(Path, [HttpMethods.Options], (HttpContext context) =>
        {
            ShakeHands(context, byName);
            return Task.CompletedTask;
        }).WithMetadata(key);
        routes.MapPost(Path, (HttpContext context) => DeliverAsync(context, byName, runner, shutdown)).WithMetadata(key);
    }

    /// <summary>The CloudEvents abuse protection handshake: Event Grid may deliver, whoever asks.</summary>
    private static void ShakeHands(HttpContext context, Dictionary<string, HostedFunction> functions)
    {
        if (!functions.ContainsKey(context.Request.Query["functionName"].ToString()))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.Headers["WebHook-Allowed-Origin"] = Origin;
        if (context.Request.Headers.ContainsKey("WebHook-Request-Rate"))
            context.Response.Headers["WebHook-Allowed-Rate"] = "*";
    }

    private static async Task DeliverAsync(
        HttpContext context, Dictionary<string, HostedFunction> functions, FunctionRunner runner, Shutdown shutdown)
    {
        if (!functions.TryGetValue(context.Request.Query["functionName"].ToString(), out var function))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!context.Request.Headers["aeg-event-type"].ToString().Equals("Notification", StringComparison.OrdinalIgnoreCase))
        {
            // The Functions extension refuses it too, and says no more than the status.
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("A delivery has the header aeg-event-type: Notification.");
            return;
        }

        CloudEvent[] events;
        try
        {
            events = await ReadAsync(context);
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException or FormatException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(VisibleText.Escape(error.Message));
            return;
        }
        catch (BadHttpRequestException error)
        {
            context.Response.StatusCode = error.StatusCode;
            return;
        }

        context.Response.StatusCode = await RunAsync(function, events, runner, shutdown)
            ? StatusCodes.Status202Accepted
            : StatusCodes.Status500InternalServerError;
    }

    private static async Task<CloudEvent[]> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxBodyBytes;
        var body = await BinaryData.FromStreamAsync(context.Request.Body, context.RequestAborted);
        return CloudEvent.ParseMany(body);
    }

    private static async Task<bool> RunAsync(HostedFunction function, CloudEvent[] events, FunctionRunner runner, Shutdown shutdown)
    {
        var isBatched = function.Binding.IsBatched;
        var succeeded = true;
        foreach (var delivered in isBatched ? [events] : events.Select(e => new[] { e }))
        {
            var json = isBatched ? JsonSerializer.Serialize(delivered) : JsonSerializer.Serialize(delivered[0]);
            try
            {
                await runner.RunAsync(new JsonInvocation(function, json, InputOf(delivered), shutdown.Cancelled));
            }
            catch (Exception)
            {
                // Logged by the runner. Azure delivers all of them again.
                succeeded = false;
            }
        }

        return succeeded;
    }

    private static string InputOf(CloudEvent[] events) => events is [var one]
        ? $"event {one.Id} ({one.Type}, subject {one.Subject})"
        : string.Create(CultureInfo.InvariantCulture, $"{events.Length} events: {string.Join("; ", events.Take(3).Select(e => e.Id))}");
}
