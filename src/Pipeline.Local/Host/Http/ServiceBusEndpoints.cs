using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Local.Hosting;

/// <summary>What the embedded Service Bus namespace holds, to be looked at: nothing here locks, counts or removes. And sending to it, for drills.</summary>
internal static class ServiceBusEndpoints
{
    private const int MaxItems = 500;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var key = new RequiredKey("admin", KeyLevel.Admin);
        routes.MapGet("/admin/servicebus", (HttpContext context) => WriteAsync(context, BrokerOf(context).Overview())).WithMetadata(key);
        routes.MapGet("/admin/servicebus/messages", MessagesAsync).WithMetadata(key);
        routes.MapGet("/admin/servicebus/sessions", SessionsAsync).WithMetadata(key);
        routes.MapPost("/admin/servicebus/messages", SendAsync).WithMetadata(key);
    }

    /// <summary>Sends one message, for drills.</summary>
    private static async Task SendAsync(HttpContext context)
    {
        if (context.Request.Query["entity"].ToString() is not { Length: > 0 } entity)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "Name the queue or topic: ?entity=topic.");
            return;
        }

        try
        {
            var sent = await JsonSerializer.DeserializeAsync(context.Request.Body, SentMessageJson.Default.SentMessage, context.RequestAborted)
                ?? throw new JsonException("The body is null.");
            await BrokerOf(context).SendAsync(entity, [sent.ToMessage()], null, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status201Created;
        }
        catch (JsonException)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "The body is a JSON object with 'body' and perhaps 'sessionId', 'messageId', 'contentType' and 'properties', all texts.");
        }
        catch (Exception error) when (error is BrokerException or ArgumentException or InvalidOperationException)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, error.Message);
        }
    }

    private static Task MessagesAsync(HttpContext context) => ForEntityAsync(
        context,
        (broker, entity, top) => long.TryParse(context.Request.Query["from"], NumberStyles.None, CultureInfo.InvariantCulture, out var from) || context.Request.Query["from"].Count == 0
            ? broker.PeekForInspection(entity, top, from)
            : throw new FormatException("'from' is a sequence number, 0 or more."));

    private static Task SessionsAsync(HttpContext context) => ForEntityAsync(context, (broker, entity, top) => broker.Sessions(entity, top));

    private static Task ForEntityAsync(HttpContext context, Func<Broker, string, int, object> look)
    {
        var query = context.Request.Query;
        var broker = BrokerOf(context);
        if (query["entity"].ToString() is not { Length: > 0 } entity)
            return RefuseAsync(context, StatusCodes.Status400BadRequest, "Name the queue or subscription: ?entity=topic/subscription.");
        if (!broker.IsReceivable(entity))
            return RefuseAsync(context, StatusCodes.Status404NotFound, WhyNot(broker, entity));

        var top = 50;
        if (query["top"].Count > 0 && (!int.TryParse(query["top"], NumberStyles.None, CultureInfo.InvariantCulture, out top) || top is < 1 or > MaxItems))
            return RefuseAsync(context, StatusCodes.Status400BadRequest, $"'top' is a number from 1 to {MaxItems}.");
        try
        {
            return WriteAsync(context, look(broker, entity, top));
        }
        catch (FormatException error)
        {
            return RefuseAsync(context, StatusCodes.Status400BadRequest, error.Message);
        }
    }

    private static string WhyNot(Broker broker, string entity)
    {
        var names = broker.Counts().Keys.Order(StringComparer.Ordinal).ToList();
        var subscriptions = names.Where(name => name.StartsWith(entity + "/", StringComparison.OrdinalIgnoreCase)).ToList();
        var missing = $"There is no queue or subscription '{entity}'";
        return subscriptions.Count > 0
            ? $"{missing}: it is a topic, which keeps nothing itself. Its subscriptions are {string.Join(", ", subscriptions)}."
            : $"{missing}.{Nearest.Hint(entity, names)} 'pipeline local entities' and GET /admin/servicebus list them; a dead-letter queue is ENTITY/$DeadLetterQueue.";
    }

    private static Broker BrokerOf(HttpContext context) => context.RequestServices.GetRequiredService<LocalPlatform>().Broker;

    private static Task WriteAsync(HttpContext context, object value) =>
        context.Response.WriteAsJsonAsync(value, value.GetType(), context.RequestAborted);

    private static Task RefuseAsync(HttpContext context, int status, string detail) =>
        Results.Problem(detail, statusCode: status).ExecuteAsync(context);
}
