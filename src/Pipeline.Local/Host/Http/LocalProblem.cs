using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Local.Hosting;

/// <summary>Problem details (RFC 9457) of the host's own answers.</summary>
internal static class LocalProblem
{
    public static async Task WriteAsync(HttpContext context, int status, string title, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "about:blank"u8);
        writer.WriteString("title"u8, title);
        writer.WriteNumber("status"u8, status);
        writer.WriteString("detail"u8, detail);
        writer.WriteEndObject();
    }
}
