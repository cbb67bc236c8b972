using System.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Pipeline.Local.Storage;
using Yarp.ReverseProxy.Forwarder;

namespace Pipeline.Local.Hosting;

/// <summary>
/// Where an app with clients of its own finds blobs: a port that is there from the start, while the service behind it may still have to
/// be installed or started.
/// </summary>
internal sealed class BlobFront(LocalPlatform platform, IHttpForwarder forwarder) : IDisposable
{
    private readonly HttpMessageInvoker _blobs = new(new BlobHandler(platform.Blobs, Forwarding.NewHandler()));

    public void Dispose() => _blobs.Dispose();

    public async Task ServeAsync(HttpContext context)
    {
        // A blob may be larger than what a function takes.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        var error = await forwarder.SendAsync(context, "http://blobs", _blobs, Forwarding.Config, new Transformer());
        if (error == ForwarderError.None || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            return;
        var reason = context.Features.Get<IForwarderErrorFeature>()?.Exception is BlobsUnavailableException unavailable
            ? unavailable.Message
            : $"The blob service did not answer ({error}).";
        await RefuseAsync(context, reason);
    }

    /// <summary>As the service itself refuses, so that its clients can say why. They try again.</summary>
    private static Task RefuseAsync(HttpContext context, string reason)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers["x-ms-error-code"] = "ServerBusy";
        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync($"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>ServerBusy</Code><Message>{SecurityElement.Escape(reason)}</Message></Error>");
    }

    private sealed class Transformer : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);

            // Signed is the path as it was sent.
            proxyRequest.RequestUri = new Uri(destinationPrefix + RawTarget.PathOf(httpContext) + httpContext.Request.QueryString.Value);
            proxyRequest.Headers.Host = null;
        }
    }
}
