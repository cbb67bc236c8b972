using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Pipeline.Local.EventGrid;

/// <summary>The same over Kestrel.</summary>
internal static class HttpRequests
{
    public static async Task HandleAsync(TopicEndpoint endpoint, HttpContext context)
    {
        var headers = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in context.Request.Headers)
            headers[name] = value;
        TopicReply reply;
        try
        {
            var incoming = new TopicRequest(context.Request.Method, RawTarget.PathOf(context), headers)
            {
                Body = await ReadBodyAsync(context),
            };
            reply = await endpoint.AnswerAsync(incoming, context.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            // Torn, or too slow (408).
            reply = TopicReply.Error(e.StatusCode, "BadRequest", "The body of the request did not come in full.");
        }

        if (ReferenceEquals(reply, TopicReply.Lost))
        {
            context.Abort();
            return;
        }

        var response = context.Response;
        response.StatusCode = reply.Status;
        if (reply.RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (reply.Status != StatusCodes.Status204NoContent)
            response.ContentLength = reply.Body.Length;
        if (reply.Body.IsEmpty)
            return;
        response.ContentType = "application/json; charset=utf-8";
        await response.Body.WriteAsync(reply.Body, context.RequestAborted);
    }

    /// <summary>The body, or its first bytes, one more than are allowed: the endpoint refuses those.</summary>
    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context)
    {
        const int Enough = TopicRequest.MaxBodyBytes + 1;
        var length = (int)Math.Min(context.Request.ContentLength ?? 0, Enough);
        using var buffer = new MemoryStream(length);
        var chunk = new byte[Math.Clamp(length, 1024, 64 * 1024)];
        int read;
        while (buffer.Length < Enough && (read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0)
            buffer.Write(chunk, 0, read);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
