using System.Net;
using Microsoft.Extensions.Primitives;

namespace Pipeline.Local.EventGrid;

/// <summary>Hands an <see cref="HttpClient"/>'s requests to the topic without a network in between.</summary>
internal sealed class InProcessHandler(TopicEndpoint endpoint) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in request.Headers.NonValidated)
            headers[name] = new StringValues([.. values]);
        foreach (var (name, values) in request.Content?.Headers.NonValidated ?? default)
            headers[name] = new StringValues([.. values]);
        var incoming = new TopicRequest(request.Method.Method, request.RequestUri!.AbsolutePath, headers);
        if (request.Content is not null)
            incoming.Body = await request.Content.ReadAsByteArrayAsync(cancellationToken);

        var reply = await endpoint.AnswerAsync(incoming, cancellationToken);
        if (ReferenceEquals(reply, TopicReply.Lost))
            throw new HttpRequestException(HttpRequestError.ConnectionError, "The connection was lost (fault injection).");
        var response = new HttpResponseMessage((HttpStatusCode)reply.Status)
        {
            RequestMessage = request,
            Content = new ReadOnlyMemoryContent(reply.Body),
        };
        if (reply.Body.Length > 0)
            response.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=utf-8");
        if (reply.RetryAfterSeconds is { } seconds)
            response.Headers.TryAddWithoutValidation("Retry-After", seconds.ToString(CultureInfo.InvariantCulture));
        return response;
    }
}
