using System.Net;
using Yarp.ReverseProxy.Forwarder;

namespace Pipeline.Local.Hosting;

/// <summary>How requests are handed on: as they came.</summary>
internal static class Forwarding
{
    public static ForwarderRequestConfig Config { get; } = new()
    {
        // How long it takes is up to the caller, or to functionTimeout.
        ActivityTimeout = TimeSpan.FromDays(1),
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    public static SocketsHttpHandler NewHandler() => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
    };
}
