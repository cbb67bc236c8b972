using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Pipeline.Local;

/// <summary>
/// The path of a request as it was sent. The server's own is decoded and has its dot segments removed, so that what names
/// one resource could reach another one.
/// </summary>
internal static class RawTarget
{
    /// <summary>The path, percent-encoded, without query.</summary>
    public static string PathOf(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (string.IsNullOrEmpty(target))
            return context.Request.Path.ToUriComponent();
        var start = 0;
        if (target[0] != '/')
        {
            // "GET http://host/path", as to a proxy.
            var authority = target.IndexOf("://", StringComparison.Ordinal);
            start = authority < 0 ? -1 : target.IndexOfAny(['/', '?'], authority + 3);
            if (start < 0)
                return "/";
        }

        var query = target.IndexOf('?', start);
        return query < 0 ? target[start..] : target[start..query];
    }

    /// <summary>
    /// The first segment that is <c>.</c> or <c>..</c>, or holds one between slashes or backslashes, however often all that
    /// is encoded; <see langword="null"/> if there is none.
    /// </summary>
    /// <param name="path">A path, percent-encoded.</param>
    public static string? DotSegmentOf(string path) => Find(path, static segment => segment.Split('/', '\\').Any(part => part is "." or ".."));

    /// <summary>The first segment that has a slash or backslash in it, however often encoded, or is a dot segment.</summary>
    /// <param name="path">A path, percent-encoded.</param>
    public static string? MisleadingSegmentOf(string path) => Find(path, static segment => segment is "." or ".." || segment.AsSpan().IndexOfAny('/', '\\') >= 0);

    private static string? Find(string path, Func<string, bool> isWrong)
    {
        // Nearly every path has none of these.
        if (!path.Contains("/.", StringComparison.Ordinal) && path.AsSpan().IndexOfAny('%', '\\') < 0)
            return null;
        foreach (var segment in path.Split('/'))
        {
            for (var decoded = segment; ;)
            {
                if (isWrong(decoded))
                    return segment;
                var next = Uri.UnescapeDataString(decoded);
                if (next.Length == decoded.Length)
                    break;
                decoded = next;
            }
        }

        return null;
    }
}
