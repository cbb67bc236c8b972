using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.CloudEvents;

namespace Pipeline.Local.EventGrid;

/// <summary>
/// The topic's HTTP endpoint: publishing as in Azure at <c>/api/events</c>, and a small management API of its own. It
/// takes any key, so it belongs on loopback only.
/// </summary>
internal sealed class TopicEndpoint(EventGridTopic topic, ILogger log)
{
    /// <summary>Where events are published.</summary>
    public const string EventsPath = "/api/events";

    private const string SubscriptionsPath = "/subscriptions";
    private const string DeadLettersPath = "/dead-letters";
    private const int MaxDeadLetters = 1000;
    private const int RetryAfterSeconds = 1;

    /// <summary>Answers a request over HTTP.</summary>
    public Task HandleAsync(HttpContext context) => HttpRequests.HandleAsync(this, context);

    public async ValueTask<TopicReply> AnswerAsync(TopicRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            if (request.Body.Length > TopicRequest.MaxBodyBytes)
                return TopicReply.Error(413, "RequestEntityTooLarge", $"A request may have {TopicRequest.MaxBodyBytes} bytes (1 MB), all events of an array together.");
            if (RawTarget.MisleadingSegmentOf(request.Path) is { } segment)
                return TopicReply.Error(400, "BadRequest", $"The path has the segment '{segment}': no name is '.' or '..' or has a slash or backslash in it.");
            var path = request.Path.TrimEnd('/');
            if (path.Equals(EventsPath, StringComparison.OrdinalIgnoreCase))
                return await PublishAsync(request);
            return path.StartsWith(SubscriptionsPath + "/", StringComparison.OrdinalIgnoreCase)
                ? Manage(request, Uri.UnescapeDataString(path[(SubscriptionsPath.Length + 1)..]))
                : List(request, path);
        }
        catch (Exception error) when (error is InvalidDataException or JsonException)
        {
            return TopicReply.Error(400, "BadRequest", error.Message);
        }
        catch (TopicFullException error)
        {
            return TopicReply.Error(503, "ServiceUnavailable", error.Message) with { RetryAfterSeconds = RetryAfterSeconds };
        }
        catch (Exception error)
        {
            var id = ErrorIds.Next();
            log.LogError(error, "Event Grid endpoint: {Method} {Path} failed (error {ErrorId}).", request.Method, request.Path, id);
            return TopicReply.Error(500, "InternalServerError", $"The local Event Grid endpoint failed, and nothing was changed. The log says why under the error id {id}.");
        }
    }

    private async ValueTask<TopicReply> PublishAsync(TopicRequest request)
    {
        if (!HttpMethods.IsPost(request.Method))
            return MethodNotAllowed(request);
        if (!HasCredential(request))
            return TopicReply.Error(401, "Unauthorized", "Neither aeg-sas-key nor aeg-sas-token nor an Authorization header came with the request. Here any key will do.");
        using var incoming = EventReader.Read(request);

        // One in binary mode is as large as the JSON that it becomes, as which it is delivered or dead-lettered.
        if (incoming.Events.Any(e => JsonMarshal.GetRawUtf8Value(e.Element).Length > TopicRequest.MaxBodyBytes))
            return TopicReply.Error(413, "RequestEntityTooLarge", $"An event may have {TopicRequest.MaxBodyBytes} bytes (1 MB) in structured mode.");
        var fault = topic.OnPublish is { } hook ? await hook(incoming.Events) : PublishFault.None;
        if (fault.IsAccepted)
            topic.Publish(incoming.Events);
        return fault.Answer ?? TopicReply.Ok;
    }

    private static bool HasCredential(TopicRequest request) =>
        !string.IsNullOrWhiteSpace(request.Header("aeg-sas-key"))
        || !string.IsNullOrWhiteSpace(request.Header("aeg-sas-token"))
        || !string.IsNullOrWhiteSpace(request.Header("Authorization"));

    private TopicReply List(TopicRequest request, string path)
    {
        var isSubscriptions = path.Equals(SubscriptionsPath, StringComparison.OrdinalIgnoreCase);
        if (!isSubscriptions && !path.Equals(DeadLettersPath, StringComparison.OrdinalIgnoreCase))
        {
            return TopicReply.Error(
                404, "NotFound", $"There is POST {EventsPath}, GET {SubscriptionsPath}, GET, PUT and DELETE {SubscriptionsPath}/NAME, and GET {DeadLettersPath}.");
        }

        if (!HttpMethods.IsGet(request.Method))
            return MethodNotAllowed(request);
        return isSubscriptions
            ? TopicReply.Json(200, topic.Subscriptions())
            : TopicReply.Json(200, topic.DeadLetters(MaxDeadLetters));
    }

    private TopicReply Manage(TopicRequest request, string name)
    {
        try
        {
            if (HttpMethods.IsPut(request.Method))
            {
                if (StrictJson.Check(request.Body) is { } fault)
                    return TopicReply.Error(400, "BadRequest", $"The body cannot be read. {fault}.");
                using var body = JsonDocument.Parse(request.Body);
                TopologyFile.RefuseNulls(body.RootElement);
                var settings = body.Deserialize<WebhookSubscription>(EventGridTopology.Json)
                    ?? throw new InvalidDataException("The body is null.");
                return TopicReply.Json(topic.Subscribe(name, settings) ? 201 : 200, topic.Subscription(name));
            }

            if (HttpMethods.IsDelete(request.Method))
                return topic.Unsubscribe(name) ? new TopicReply(204) : NotFound(name);
        }
        catch (InvalidOperationException error)
        {
            return TopicReply.Error(409, "Conflict", error.Message);
        }
        catch (FormatException error)
        {
            return TopicReply.Error(400, "BadRequest", error.Message);
        }

        if (!HttpMethods.IsGet(request.Method))
            return MethodNotAllowed(request);
        return topic.Subscription(name) is { } subscription ? TopicReply.Json(200, subscription) : NotFound(name);
    }

    private static TopicReply NotFound(string name) =>
        TopicReply.Error(404, "NotFound", $"There is no subscription '{name}'. GET {SubscriptionsPath} lists those that there are.");

    private static TopicReply MethodNotAllowed(TopicRequest request) =>
        TopicReply.Error(405, "MethodNotAllowed", $"{request.Method} is not offered at {request.Path}.");
}
