using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Local.Hosting;

/// <summary>
/// Keeps web pages out of the ports of this machine, with or without keys: pages of other sites, and pages whose own host
/// name was made to lead here (DNS rebinding). Browsers cannot hide either; programs send neither. Also refuses paths with
/// dot segments, which the server would resolve before anybody sees them.
/// </summary>
internal sealed class LoopbackGuard
{
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase) { "localhost", "127.0.0.1", "[::1]" };

    /// <param name="allowedHosts">Further names under which the ports are reached.</param>
    /// <param name="ownName">The app's own <c>WEBSITE_HOSTNAME</c>, perhaps with a port; null if it has none.</param>
    public LoopbackGuard(IEnumerable<string> allowedHosts, string? ownName)
    {
        _hosts.UnionWith(allowedHosts);
        if (!string.IsNullOrEmpty(ownName) && Uri.TryCreate("http://" + ownName, UriKind.Absolute, out var own))
            _hosts.Add(own.Host);
    }

    /// <summary>Adds it. Must come before everything that answers.</summary>
    public static void Use(WebApplication app, LocalSettings settings)
    {
        var guard = new LoopbackGuard(settings.AllowedHosts, app.Configuration["WEBSITE_HOSTNAME"]);
        app.Use((HttpContext context, RequestDelegate next) => guard.CheckAsync(context, next));
    }

    /// <summary>Refuses a request, or lets it go on.</summary>
    public Task CheckAsync(HttpContext context, RequestDelegate next) =>
        Refuse(context) is var (status, title, detail) ? LocalProblem.WriteAsync(context, status, title, detail) : next(context);

    /// <summary>Whether a text can be in <see cref="LocalSettings.AllowedHosts"/>: a name or an address, without scheme and port.</summary>
    public static bool IsHost(string text) =>
        Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4
        || (text is ['[', .., ']'] && IPAddress.TryParse(text.AsSpan(1, text.Length - 2), out var address) && address.AddressFamily == AddressFamily.InterNetworkV6);

    private (int Status, string Title, string Detail)? Refuse(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (!_hosts.Contains(context.Request.Host.Host))
        {
            return (
                StatusCodes.Status403Forbidden, "Host not allowed",
                $"The header Host names '{context.Request.Host.Host}'. Only localhost, 127.0.0.1 and [::1] are served. If you forward a port and this is your own name for it, add it to {LocalSettings.AllowedHostsName}.");
        }

        foreach (var origin in headers.Origin)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var address) || !_hosts.Contains(address.Host))
            {
                return (
                    StatusCodes.Status403Forbidden, "Origin not allowed",
                    $"The header Origin is '{origin}': pages of other sites are not served. If it is yours, add its host to {LocalSettings.AllowedHostsName}.");
            }
        }

        if (headers["Sec-Fetch-Site"].ToString().Equals("cross-site", StringComparison.OrdinalIgnoreCase))
            return (StatusCodes.Status403Forbidden, "Cross-site request", "A page of another site sent this request, or links to it. Type the address into the browser instead.");
        return RawTarget.DotSegmentOf(RawTarget.PathOf(context)) is { } segment
            ? (StatusCodes.Status400BadRequest, "Dot segment", $"The path has the segment '{segment}', which leads elsewhere. No name or id is '.' or '..'.")
            : null;
    }
}
