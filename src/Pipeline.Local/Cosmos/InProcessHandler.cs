using System.Net;
using System.Net.Http.Headers;

namespace Pipeline.Local.Cosmos;

/// <summary>Hands an <see cref="HttpClient"/>'s requests to the endpoint without a network in between.</summary>
internal sealed class InProcessHandler(CosmosEndpoint endpoint) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var incoming = new InProcessRequest(request);
        if (request.Content is not null)
            incoming.Body = await ReadAsync(request.Content, cancellationToken);

        var reply = await endpoint.AnswerAsync(incoming, cancellationToken);
        if (reply.IsLost)
            throw new HttpRequestException(HttpRequestError.ConnectionError, "The connection was lost (fault injection).");

        var response = new HttpResponseMessage((HttpStatusCode)reply.Status)
        {
            RequestMessage = request,
            Content = new ReadOnlyMemoryContent(reply.Body),
        };
        if (reply.Body.Length > 0)
            response.Content.Headers.TryAddWithoutValidation("Content-Type", reply.ContentType);
        reply.VisitHeaders(
            response.Headers, incoming.ActivityId, static (headers, name, value) => headers.TryAddWithoutValidation(name, value));
        return response;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength is not (>= 0 and <= int.MaxValue and var length))
            return await content.ReadAsByteArrayAsync(cancellationToken);
        var buffer = new byte[length];
        using var target = new MemoryStream(buffer);
        await content.CopyToAsync(target, cancellationToken);
        return buffer.AsMemory(0, (int)target.Position);
    }

    private sealed class InProcessRequest(HttpRequestMessage request)
        : CosmosRequest(request.Method.Method, request.RequestUri!.AbsolutePath)
    {
        internal override string Origin => request.RequestUri!.GetLeftPart(UriPartial.Authority);

        public override string? Header(string name) =>
            First(request.Headers.NonValidated, name) ?? (request.Content is null ? null : First(request.Content.Headers.NonValidated, name));

        private static string? First(HttpHeadersNonValidated headers, string name) =>
            headers.TryGetValues(name, out var values) ? values.ToString() : null;
    }
}
