using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Hosting.Rpc;
using Yarp.ReverseProxy.Forwarder;

namespace Pipeline.Local.Hosting;

/// <summary>
/// Runs HTTP functions: of an app that serves HTTP itself the request is forwarded to it, and the invocation sent beside it; of
/// another one the request goes with the invocation.
/// </summary>
internal sealed class HttpForwarding(IHttpForwarder forwarder, ILogger<HttpForwarding> log) : IDisposable
{
    private const string InvocationHeader = "x-ms-invocation-id";

    private readonly HttpMessageInvoker _client = new(Forwarding.NewHandler());

    public async Task RunAsync(RunningWorker worker, HttpInvocation invocation)
    {
        var request = InvocationEncoder.Begin(invocation);
        foreach (var (name, value) in invocation.BindingData)
            request.TriggerMetadata[name] = new TypedData { String = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "" };
        if (worker.HttpUri is null)
        {
            await RpcHttpExchange.RunAsync(worker, request, invocation);
            return;
        }

        InvocationEncoder.AddInput(request, invocation.Function, new TypedData { Http = new RpcHttp() });
        var running = worker.Link.InvokeAsync(request, invocation.CancellationToken);
        await ForwardAsync(worker.HttpUri, worker.Http ?? _client, running, invocation);
        await FinishAsync(running, invocation);
    }

    public void Dispose() => _client.Dispose();

    private async Task ForwardAsync(Uri app, HttpMessageInvoker client, Task<InvocationResponse> running, HttpInvocation invocation)
    {
        var context = invocation.HttpContext;
        var error = await forwarder.SendAsync(
            context, app.GetLeftPart(UriPartial.Authority), client, Forwarding.Config, new Transformer(invocation.InvocationId, running), invocation.CancellationToken);
        if (error == ForwarderError.None)
            return;
        _ = running.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        invocation.CancellationToken.ThrowIfCancellationRequested();
        if (error is ForwarderError.RequestBodyClient && !context.Response.HasStarted)
        {
            var isSlow = context.Response.StatusCode == StatusCodes.Status408RequestTimeout;
            throw new BadHttpRequestException(
                isSlow ? "The body came too slowly and was not read to its end. Send the request again." : "The body cannot be read.", context.Response.StatusCode);
        }

        throw new HttpRequestException($"The app's own web server did not answer ({error}).", context.Features.Get<IForwarderErrorFeature>()?.Exception);
    }

    private async Task FinishAsync(Task<InvocationResponse> running, HttpInvocation invocation)
    {
        try
        {
            FunctionFailedException.ThrowIfFailed(await running, invocation.CancellationToken);
        }
        catch (Exception failure) when (invocation.HttpContext.Response.HasStarted)
        {
            // The caller has the whole answer.
            log.LogWarning(failure, "{Function} failed after it had answered (invocation {InvocationId}).", invocation.Function.Name, invocation.InvocationId);
        }
    }

    private sealed class Transformer(string invocationId, Task<InvocationResponse> running) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);

            // A caller may send one too, and must not get at another's invocation.
            proxyRequest.Headers.Remove(InvocationHeader);
            proxyRequest.Headers.Add(InvocationHeader, invocationId);
        }

        public override async ValueTask<bool> TransformResponseAsync(
            HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            // Of a function that threw, the host answers, and names the invocation; what the app's server says of it is not handed on.
            if (proxyResponse?.StatusCode == HttpStatusCode.InternalServerError && (await running).Result?.Status != StatusResult.Types.Status.Success)
                return false;
            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }
    }
}
