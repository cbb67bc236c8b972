using Microsoft.AspNetCore.Http;

namespace Pipeline.Local.Cosmos;

/// <summary>The same over Kestrel.</summary>
internal static class HttpRequests
{
    public static async Task HandleAsync(CosmosEndpoint endpoint, HttpContext context)
    {
        var incoming = new HttpCosmosRequest(context);
        CosmosReply reply;
        try
        {
            reply = await ReadBodyAsync(context, incoming)
                ? await endpoint.AnswerAsync(incoming, context.RequestAborted)
                : CosmosReply.Error(413, $"Request size is too large: at most {CosmosRequest.MaxBodyBytes} bytes are read.");
        }
        catch (BadHttpRequestException e)
        {
            // Torn, or too slow (408).
            reply = CosmosReply.Error(e.StatusCode, "The body of the request did not come in full.");
        }

        if (reply.IsLost)
        {
            context.Abort();
            return;
        }

        var response = context.Response;
        response.StatusCode = reply.Status;
        reply.VisitHeaders(response.Headers, incoming.ActivityId, static (headers, name, value) => headers[name] = value);
        if (reply.Body.Length == 0)
        {
            if (reply.Status is not (204 or 304))
                response.ContentLength = 0;
            return;
        }

        response.ContentType = reply.ContentType;
        response.ContentLength = reply.Body.Length;
        await response.Body.WriteAsync(reply.Body, context.RequestAborted);
    }

    /// <returns>False when the body is too large.</returns>
    private static async Task<bool> ReadBodyAsync(HttpContext context, HttpCosmosRequest incoming)
    {
        var length = context.Request.ContentLength ?? 0;
        if (length > CosmosRequest.MaxBodyBytes)
            return false;
        using var buffer = new MemoryStream((int)length);
        var chunk = new byte[Math.Clamp(length, 1024, 64 * 1024)];
        int read;
        while ((read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0)
        {
            if (buffer.Length + read > CosmosRequest.MaxBodyBytes)
                return false;
            buffer.Write(chunk, 0, read);
        }

        incoming.Body = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        return true;
    }

    private sealed class HttpCosmosRequest(HttpContext context) : CosmosRequest(context.Request.Method, RawTarget.PathOf(context))
    {
        internal override string Origin => $"{context.Request.Scheme}://{context.Request.Host}";

        public override string? Header(string name) => context.Request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;
    }
}
